// The pages of a tablet with no network. The service worker answers every page that cannot be reached with this
// one, at its own address; which screen is shown stands behind the # of the address.
import { readCopy, refreshCopy } from "./copy.js";
import { el, said } from "./draw.js";
import { openStanding, standing } from "./standing.js";
import { counts, onChange, sendWheneverPossible } from "./outbox.js";
import { journeyAt, journeysHere, mayStill } from "./packing.js";
import { finishSignOut, signingOut, signsOut } from "./server.js";
import { Full, Locked, NoCopy, read } from "./store.js";
import { clock } from "./times.js";
import { takeUnsent, unsentForm } from "./unsent.js";
import { lock, owner, state, touched, wipe, wipeWhatIsOld } from "./vault.js";
import { belongingsPage } from "./views_belongings.js";
import { dosesPage } from "./views_doses.js";
import { donePage, handoverPage } from "./views_handover.js";
import { outboxPage } from "./views_outbox.js";
import { packPage } from "./views_pack.js";
import { observationsPage, papersPage, todayPage, whyPage } from "./views_facts.js";
import { notThisPage, readyPage } from "./views_ready.js";
import { residentPage, residentsPage } from "./views_residents.js";
import { sendPage } from "./views_send.js";
import { leavePage, leftPage, lockedPage, lostFormPage, noCopyPage, notHerePage, unreachablePage } from "./views_states.js";

const IDLE = 180_000; // a shared device locks after three minutes, as lock.js does
const TOUCH_EVERY = 20_000;
const LOOK_EVERY = 5_000;
const TELL_AGAIN = 5_000;

const JOURNEY_PAGES = {
  why: whyPage,
  observations: observationsPage,
  doses: dosesPage,
  belongings: belongingsPage,
  today: todayPage,
  papers: papersPage,
  ready: readyPage,
  label: readyPage,
  handover: handoverPage,
  pack: packPage,
  done: donePage,
};

const main = document.getElementById("maincontent");
const back = document.getElementById("back");
let turn = 0;
const told = []; // what the next screen says first
let form = null; // a form that was on its way when the network went
let readableUntil = null;
let live = null; // whether the screen that stands here shows what happens to the outbox
let redraw = 0;
let drawn = ""; // the address whose screen stands here
let placed = null; // the route and the journey of the screen that stands here

const context = {
  copy: null,
  owner: null,
  online: false,
  keep: null, // keeps what stands half typed in this screen
  /** Goes to a screen; to the same one again where it is that. */
  go(hash) {
    if (location.hash === hash) {
      draw();
    } else {
      location.hash = hash;
    }
  },
  again: () => draw(),
  show,
  /** Where this screen stands on Red Bag's own pages: the server may have named its journey a moment ago. */
  async place() {
    const { route, journey } = placed ?? {};
    if (journey?.record && !journey.transfer) {
      journey.record.transfer = (await read("refs", journey.id)) ?? null;
      if (journey === placed?.journey && journey.transfer) {
        standing.page = onlineAddress(route, journey);
        setAddress();
      }
    }
    standing.unnamed = Boolean(placed?.journey && !placed.journey.transfer);
  },
  flash: (text, warning = false) => told.push(said(text, warning)),
  nameTab: (title) => (document.title = `${title} – Red Bag`),
  /** Says that it was saved; how much waits stands at the top of every screen. `more`: what it means, in a box. */
  async saved(more = null) {
    const { waiting } = await counts(context.owner.account);
    context.flash(`Saved at ${clock(new Date())}${waiting ? "" : " and sent: the hospital sees it"}.`);
    if (more) {
      told.push(el("div", { role: "alert", class: "rb-told" }, more));
    }
  },
  /** Something was not saved: the form stays as it is, and the page says why. */
  async failed(problem) {
    if (problem instanceof Locked) {
      show(await lockedPage(context));
      return;
    }
    const why = problem instanceof Full
      ? "This tablet has no room left. Nothing of this page is saved; it still stands below. Take away photos or programs from the tablet and save again, and write it on paper until then."
      : "The tablet did not keep this. It still stands below: save it once more, and write it on paper.";
    if (!(problem instanceof Full)) {
      console.warn("not saved:", problem?.name, problem?.message);
    }
    context.trouble(why);
  },
  trouble(words) {
    main.querySelector("[data-trouble]")?.remove();
    main.prepend(el("div", { class: "rb-alert rb-alert--danger", role: "alert", tabindex: "-1", "data-trouble": true }, el("p", { class: "rb-alert__title" }, words)));
    main.firstChild.focus();
  },
};

/** Where the address leads that could not be reached. */
function fromPath(path) {
  const resident = /^\/residents\/([0-9a-z-]+)(\/send)?\/?$/.exec(path);
  if (resident) {
    return `#/residents/${resident[1]}${resident[2] ?? ""}`;
  }
  const journey = /^\/transfers\/([0-9a-z-]+)(?:\/([a-z-]+))?\/?$/.exec(path);
  if (journey) {
    const step = { print: "pack", "pack.pdf": "pack" }[journey[2]] ?? journey[2] ?? "ready";
    return JOURNEY_PAGES[step] ? `#/journeys/${journey[1]}/${step}` : "#/elsewhere";
  }
  return /^\/(residents|transfers|offline)?\/?$/.test(path) ? "#/residents" : "#/elsewhere";
}

const parts = () => (location.hash.startsWith("#/") ? location.hash : fromPath(location.pathname)).slice(2).split("/").map(decodeURIComponent);

/** Where the screen stands on Red Bag's own pages; "" where it stands nowhere. */
function onlineAddress(route, journey) {
  if (route[0] === "residents") {
    return `/${route.slice(0, 3).join("/")}`;
  }
  if (journey) {
    const step = { done: "", pack: "/ready", "not-this-person": "/handover", label: "/label" }[route[2]] ?? `/${route[2]}`;
    return journey.transfer ? `/transfers/${journey.transfer}${step}` : `/residents/${journey.resident.ref}`;
  }
  return "";
}

/** The copy with nothing left out that a screen asks for: a restricted record has a name and a room alone. */
function whole(copy) {
  const blank = { preferred: "", born: "not on the tablet", age: "", nhs_number: "", alike: "", alerts: [], sections: [], medicines: [], belongings: [], people: [], infections: [], gaps: [], needs: {}, seen: {}, journey: null, usual: "" };
  const nameOf = (wanted) => (copy.hospitals ?? []).find(({ ref }) => ref === wanted)?.name ?? "";
  const residents = copy.residents.map((one) => ({
    ...blank,
    ...one,
    cpr: one.cpr ? { only: copy.words.cpr_only, ...one.cpr } : null,
    journey: one.journey ? { ...one.journey, hospitalName: nameOf(one.journey.hospital) } : null,
  }));
  return { bags: [], hospitals: [], ...copy, residents };
}

async function draw({ quiet = false } = {}) {
  const mine = ++turn;
  const view = await viewFor().catch((problem) => troubleView(problem));
  if (view && mine === turn) {
    show(view, quiet === true);
  }
}

function moved() {
  if (location.href !== drawn) {
    drawn = location.href;
    draw();
  }
}

/** The outbox has changed: a screen that shows it is drawn again where it stands, nobody's focus is moved. */
function changed() {
  clearTimeout(redraw);
  redraw = setTimeout(() => live?.() && !main.contains(document.activeElement?.closest("input, summary, button")) && draw({ quiet: true }), 300);
}

async function troubleView(problem) {
  if (problem instanceof Locked) {
    return (await state()) === "open" ? noCopyPage(context, true) : lockedPage(context);
  }
  if (problem instanceof NoCopy) {
    return noCopyPage(context);
  }
  console.warn("offline:", problem?.name, problem?.message);
  return unreachablePage(context);
}

async function viewFor() {
  const key = await state();
  context.owner = await owner();
  if (key === "none") {
    return form ? lostFormPage(form) : unreachablePage(context);
  }
  if (key === "locked") {
    context.copy = null;
    return lockedPage(context);
  }
  const route = parts();
  if (route[0] === "outbox") {
    standing.page = "";
    placed = null;
    context.copy = await readCopy().then(whole, () => null); // for the words of what was typed
    return outboxPage(context);
  }
  context.copy = whole(await readCopy());
  readableUntil = context.copy.readable_until;
  if (form) {
    const sent = form;
    form = null;
    const next = await takeUnsent(context, sent);
    if (!next) {
      return lostFormPage(sent);
    }
    context.go(next);
    return null;
  }
  return screen(route);
}

async function screen(route) {
  const [kind, ref, step] = route;
  const { copy } = context;
  placed = null;
  standing.page = onlineAddress(route, null);
  if (kind === "residents") {
    const resident = ref && copy.residents.find((one) => one.ref === ref);
    if (ref && !resident) {
      return notHerePage(`/residents/${ref}`);
    }
    return !ref ? residentsPage(context) : step === "send" ? sendPage(context, resident) : residentPage(context, resident);
  }
  const journey = kind === "journeys" ? await journeyAt(copy, ref) : null;
  if (!journey) {
    standing.page = kind === "journeys" ? `/transfers/${ref}` : location.pathname;
    return notHerePage(standing.page);
  }
  standing.page = onlineAddress(route, journey);
  placed = { route, journey };
  if (!mayStill(journey, step)) {
    context.go(journey.at("done"));
    return null;
  }
  if (step === "not-this-person") {
    return notThisPage(context, journey, await journeysHere(copy));
  }
  return JOURNEY_PAGES[step] ? JOURNEY_PAGES[step](context, journey) : notHerePage(standing.page);
}

/** A reload with the network opens the page that this screen stands for. */
function setAddress() {
  if (standing.page && location.hash.startsWith("#/") && location.pathname !== standing.page) {
    history.replaceState(history.state, "", `${standing.page}${location.hash}`);
  }
  drawn = location.href;
}

function show(view, quiet = false) {
  live = view.live ?? null;
  context.keep = view.keep ?? null;
  setAddress();
  const before = quiet ? [...main.querySelectorAll(":scope > :is(.rb-done, .rb-told)")] : [];
  context.nameTab(view.title);
  back.replaceChildren(...(view.back ? [el("a", { class: "nhsuk-back-link", href: view.back[0] }, view.back[1])] : []));
  main.replaceChildren(...before, ...told.splice(0), ...view.body.flat(Infinity).filter((one) => one instanceof Node));
  document.getElementById("nav").hidden = !context.owner || view.locked;
  document.getElementById("place").textContent = context.owner?.home ?? "";
  document.getElementById("person").textContent = context.owner?.name ?? "";
  for (const one of document.querySelectorAll("#nav a")) {
    const here = one.getAttribute("href") === location.hash || (one.hash === "#/residents" && parts().join("/") === "residents");
    here ? one.setAttribute("aria-current", "page") : one.removeAttribute("aria-current");
  }
  document.getElementById("lock").hidden = !context.owner?.on_device || view.locked;
  document.getElementById("out").hidden = !context.owner || view.locked;
  if (!quiet) {
    window.scrollTo(0, 0);
    main.querySelector("h1")?.focus({ preventScroll: true });
  }
  standing.show(context);
}

/** A shared device that nobody touches locks; the screen comes back with what was half typed. */
function watchIdle() {
  let last = Date.now();
  let kept = 0;
  const notice = () => {
    last = Date.now();
    if (last - kept > TOUCH_EVERY) {
      kept = last;
      touched().catch(() => {});
    }
  };
  ["pointerdown", "keydown", "input"].forEach((kind) => document.addEventListener(kind, notice, { capture: true, passive: true }));
  setInterval(async () => {
    const idle = context.owner?.on_device && Date.now() - last > IDLE;
    const old = readableUntil && Date.now() > readableUntil.getTime();
    if (idle) {
      await lock();
    }
    if (idle || old) {
      readableUntil = null;
      context.copy = null;
      context.owner = idle ? null : context.owner;
      draw();
    }
  }, LOOK_EVERY);
}

/** Signs out with or without the network: the copy and the key go off the tablet now, the server hears of it when it
 * can be reached. What is not sent, or half typed, stays sealed for that person's next sign-in. */
async function leave() {
  const { account } = context.owner;
  await signsOut(await read("meta", "session"));
  await wipe(account);
  context.owner = context.copy = readableUntil = null;
  show(await leftPage());
  await tellOfSignOut(100);
}

/** Somebody signed out here without the network: the server is told as soon as it can be. */
async function tellOfSignOut(first = TELL_AGAIN) {
  if (!(await signingOut())) {
    return;
  }
  const tell = async () => {
    if (await finishSignOut()) {
      setTimeout(tell, TELL_AGAIN);
    } else {
      location.replace("/sign-in");
    }
  };
  window.addEventListener("online", tell);
  setTimeout(tell, first);
}

async function begin() {
  await tellOfSignOut();
  await wipeWhatIsOld();
  form = await unsentForm();
  // Going back may change the path as well, which is no change of the # alone.
  window.addEventListener("popstate", moved);
  window.addEventListener("hashchange", moved);
  await draw();
  watchIdle();
  onChange(changed);
  document.getElementById("lock").addEventListener("click", async () => {
    await lock();
    context.owner = null;
    draw();
  });
  document.getElementById("out").addEventListener("click", async () => show(await leavePage(context, leave)));
  await openStanding(context, { onChange, refreshCopy });
  if ((await state()) === "open") {
    sendWheneverPossible();
  }
}

begin();
