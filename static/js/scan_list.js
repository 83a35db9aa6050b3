// What was scanned at this tab, for the person who is signed in now: whose bag, and the next step. It names
// no person. What the server could not be asked about stays here, and is asked again.
const KEPT = "redbag.scanned";
const MOST = 30;

const clock = (time) =>
  new Date(time).toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" });

/** A label that could not be looked up yet, by what stands on it: its code, or the end of its address. */
const short = (text) => (/\//.test(text) ? `Label …${text.trim().replace(/\/\d*$/, "").slice(-6)}` : `Label ${text.trim().slice(0, 24)}`);

function element(name, classes, text) {
  const made = document.createElement(name);
  made.className = classes;
  made.textContent = text;
  return made;
}

export class ScannedList {
  constructor(section, whose, again) {
    this.section = section;
    this.lines = section.querySelector("[data-lines]");
    this.again = again;
    this.whose = whose;
    const kept = JSON.parse(sessionStorage.getItem(KEPT) ?? "null");
    this.entries = kept?.whose === whose ? kept.entries : [];
    section.querySelector("[data-clear]").addEventListener("click", () => {
      this.entries = [];
      this.keep();
    });
    this.keep();
  }

  get waiting() {
    return this.entries.filter((entry) => !entry.href);
  }

  /** Puts a label at the top of the list; one that is there already moves up. */
  put(entry) {
    const same = (one) => one.text === entry.text || (one.href && one.href === entry.href);
    this.entries = [{ at: Date.now(), ...entry }, ...this.entries.filter((one) => !same(one))].slice(0, MOST);
    this.keep();
  }

  answer(text, found) {
    const entry = this.entries.find((one) => one.text === text);
    if (entry) {
      Object.assign(entry, found);
      this.keep();
    }
  }

  opened(href) {
    this.entries.filter((one) => one.href === href).forEach((one) => (one.opened = true));
    this.keep();
  }

  keep() {
    sessionStorage.setItem(KEPT, JSON.stringify({ whose: this.whose, entries: this.entries }));
    this.section.hidden = this.entries.length === 0;
    this.lines.replaceChildren(...this.entries.map((entry) => this.line(entry)));
  }

  line(entry) {
    const line = document.createElement("li");
    const row = element("div", "rb-list__row", "");
    const main = element("div", "rb-list__main", "");
    main.append(element("strong", "", entry.title ?? short(entry.text)), element("span", "rb-list__side", ` ${clock(entry.at)}`));
    row.append(main, this.act(entry));
    line.append(row);
    return line;
  }

  act(entry) {
    if (entry.problem) {
      return element("span", "rb-tag-late", entry.problem);
    }
    if (!entry.href) {
      const button = element("button", "nhsuk-button nhsuk-button--secondary", "Not looked up yet: try again");
      button.type = "button";
      button.addEventListener("click", () => this.again());
      return button;
    }
    const link = element("a", "nhsuk-button", entry.opened ? "Open again" : entry.step);
    if (entry.opened) {
      link.classList.add("nhsuk-button--secondary");
    }
    link.href = entry.href;
    link.append(element("span", "nhsuk-u-visually-hidden", `: ${entry.title}`));
    link.addEventListener("click", () => this.opened(entry.href));
    return link;
  }
}
