// Draws the screens without the network. Whatever was typed by somebody goes in as text, never as markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * An element: el("a", { class: "rb-link", href: "#/residents" }, "Residents", …). An attribute that is null,
 * undefined or false is left out, true stands alone; a function under "on…" is a listener. Children may be
 * text, elements, lists of them, or nothing.
 */
export function el(name, attributes = {}, ...children) {
  return fill(document.createElement(name), attributes, children);
}

/** The same for a part of a picture. */
export function svg(name, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, name), attributes, children);
}

function fill(made, attributes, children) {
  for (const [key, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      made.addEventListener(key.slice(2), value);
    } else if (value !== null && value !== undefined && value !== false) {
      made.setAttribute(key, value === true ? "" : value);
    }
  }
  made.append(...flat(children));
  return made;
}

function flat(children) {
  return children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false && child !== "");
}

export const hidden = (text) => el("span", { class: "nhsuk-u-visually-hidden" }, text);

export const p = (...children) => el("p", {}, ...children);

/** How many of the things that a carer does one after the other: "6 steps". */
export const inSteps = (count) => `${count} step${count === 1 ? "" : "s"}`;

export const strong = (...children) => el("strong", {}, ...children);

export const h2 = (text, size = "m") => el("h2", { class: `nhsuk-heading-${size}` }, text);

/** A link that looks like a link and is as large as a thumb needs. */
export const link = (href, ...children) => el("a", { class: "rb-target", href }, ...children);

/** A link that looks like a button. */
export const way = (href, text, { second = false, classes = "" } = {}) =>
  el("a", { class: `nhsuk-button${second ? " nhsuk-button--secondary" : ""} ${classes}`.trim(), href }, text);

/** A button of a form, or one that does something by itself. */
export function button(text, { second = false, small = false, ...attributes } = {}) {
  const classes = ["nhsuk-button", second && "nhsuk-button--secondary", small && "nhsuk-button--small", attributes.class];
  return el("button", { type: "button", ...attributes, class: classes.filter(Boolean).join(" ") }, text);
}

/** A panel: "danger", "missing" (not recorded), "caution" or "calm". The shape says it as well as the colour. */
export const panel = (level, title, ...children) =>
  el("div", { class: `rb-alert rb-alert--${level}` }, el("p", { class: "rb-alert__title" }, title), ...children);

/** What was done, or what did not work, at the top of the page. */
export const said = (text, warning = false) =>
  el(
    "div",
    { class: `rb-done rb-done--${warning ? "warning" : "done"}`, role: warning ? "alert" : "status" },
    el("p", {}, text),
  );

/** Rows of label and text; a text that says that nothing is recorded looks like it. */
export function facts(rows) {
  return el(
    "dl",
    { class: "nhsuk-summary-list" },
    rows.map(({ label, text, known = true }) =>
      el(
        "div",
        { class: "nhsuk-summary-list__row" },
        el("dt", { class: "nhsuk-summary-list__key" }, label),
        el("dd", { class: `nhsuk-summary-list__value rb-prose${known ? "" : " rb-missing"}` }, text),
      ),
    ),
  );
}

/** Something folded up. */
export const fold = (title, children, attributes = {}) =>
  el(
    "details",
    { class: "nhsuk-details", ...attributes },
    el("summary", { class: "nhsuk-details__summary" }, el("span", { class: "nhsuk-details__summary-text" }, title)),
    el("div", { class: "nhsuk-details__text" }, children),
  );

/** What is wrong with a form: `errors` by field; each sentence leads to its field. */
export function problems(errors, anchors = {}) {
  const list = Object.entries(errors).map(([name, text]) => {
    const id = anchors[name] ?? name;
    const go = (event) => {
      event.preventDefault();
      const field = document.getElementById(id);
      field?.closest("details")?.setAttribute("open", "");
      field?.focus();
      field?.scrollIntoView({ block: "center" });
    };
    return el("li", {}, el("a", { href: `#${id}`, onclick: go }, text));
  });
  return el(
    "div",
    { class: "nhsuk-error-summary", tabindex: "-1", role: "alert", "aria-labelledby": "problems-title" },
    el("h2", { class: "nhsuk-error-summary__title", id: "problems-title" }, "There is a problem"),
    el("div", { class: "nhsuk-error-summary__body" }, el("ul", { class: "nhsuk-list nhsuk-error-summary__list" }, list)),
  );
}
