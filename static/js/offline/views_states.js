// The screens of a tablet that cannot show records: locked, without a copy, or somebody's who keeps none. Each says
// what to do now, on paper.
import { Answers } from "./answers.js";
import { button, el, h2, inSteps, link, p, panel, way } from "./draw.js";
import { field } from "./fields.js";
import { counts } from "./outbox.js";
import { owner, owners, unlock } from "./vault.js";

const paper = () => [
  h2("If somebody is leaving or has just arrived"),
  el(
    "ul",
    {},
    [
      "Use the printed pack in the bag, or the blank paper pack from the drawer.",
      "Ring: the home’s night number stands on the bag’s label and on the first page of the pack.",
      "Write down the time and who had the bag. It can be recorded later with the time it happened.",
    ].map((text) => el("li", {}, text)),
  ),
];

const again = (how = {}) => button("Try again", { ...how, onclick: () => location.reload() });

async function unsent() {
  const { waiting, refused } = await counts().catch(() => ({ waiting: 0, refused: 0 }));
  const count = waiting + refused;
  return count > 0 && panel("caution", `${inSteps(count)} saved on this tablet, not sent yet`, p("They stay here, sealed, and are sent after the next sign-in of whoever saved them."));
}

/** The tablet is locked. On a shared device a PIN opens it without the network. */
export async function lockedPage(context, problem = "") {
  const who = await owner();
  const people = who?.on_device ? [who] : who ? [] : await owners();
  return {
    title: "Locked",
    locked: true,
    body: [
      el("h1", { tabindex: "-1" }, who ? `Locked: ${who.name}` : "Locked: who are you?"),
      !who && (await unsent()),
      people.length > 0 && people.map((one) => pinForm(context, one, people.length > 1, problem)),
      p(
        people.length
          ? "After too many wrong PINs only a sign-in with the network opens the tablet."
          : "The records on this tablet open again after a sign-in, which needs the network. What was saved and what was half typed is still there.",
      ),
      el("div", { class: "rb-buttons" }, way("/sign-in", "Sign in, with the network", { second: true }), again({ second: true })),
      paper(),
    ],
  };
}

function pinForm(context, who, named, problem) {
  const asked = { key: `pin-${who.account}`, label: named ? `PIN of ${who.name}` : "Your PIN", kind: "text", hint: "" };
  const form = el(
    "form",
    { novalidate: true },
    field(asked, new Answers(), problem ? { [asked.key]: problem } : {}, {
      type: "password", inputmode: "numeric", maxlength: "12", class: "nhsuk-input nhsuk-input--width-10 rb-pin",
    }),
    button("Open", { type: "submit" }),
  );
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const typed = new FormData(form).get(asked.key).trim();
    if (typed && (await unlock(typed, who.account))) {
      context.again();
    } else {
      context.show(await lockedPage(context, "That PIN does not open this tablet. Try again."));
      document.getElementById(asked.key)?.focus();
    }
  });
  return form;
}

/** Somebody is signed in, and the tablet has no copy, or one that is too old to be read. */
export async function noCopyPage(context, old = false) {
  return {
    title: old ? "The copy on this tablet is too old" : "This tablet has no copy of the records",
    body: [
      el("h1", { tabindex: "-1" }, old ? "The copy on this tablet is too old to be read" : "This tablet has no copy of the records"),
      el("p", { class: "nhsuk-lede-text" }, "Red Bag cannot be reached, so nothing can be shown here. Use paper until the network is back."),
      el("div", { class: "rb-buttons" }, again(), link("#/outbox", "What was saved on this tablet")),
      paper(),
    ],
  };
}

/** A ward, a stranger, a tablet that nobody from a home has used: nothing is kept here. */
export async function unreachablePage() {
  return {
    title: "Red Bag cannot be reached",
    body: [
      el("h1", { tabindex: "-1" }, "Red Bag cannot be reached"),
      el("p", { class: "nhsuk-lede-text" }, "This device has no network, or Red Bag is not working. Nothing that was saved before is lost."),
      again(),
      await unsent(),
      paper(),
    ],
  };
}

/** A page of Red Bag that cannot be had without the network. */
export function notHerePage(path) {
  return {
    title: "Not without the network",
    back: ["#/residents", "Residents"],
    body: [
      el("h1", { tabindex: "-1" }, "This page needs the network"),
      p("Without it you can read the residents’ records, send somebody to hospital and hand them to the crew. Everything else waits until the tablet is back online."),
      el("div", { class: "rb-buttons" }, way("#/residents", "Residents"), path && way(path, "Try this page again", { second: true })),
    ],
  };
}

/** Asks whoever wants to sign out with no network: nobody can sign in again until it is back. */
export async function leavePage(context, leave) {
  const { waiting, refused } = await counts(context.owner.account);
  return {
    title: "Sign out?",
    body: [
      el("h1", { tabindex: "-1" }, "Sign out of this tablet?"),
      waiting + refused > 0 && panel("caution", `${inSteps(waiting + refused)} not sent yet`, p("They stay here, sealed, and are sent after your next sign-in. Until then the hospital does not see them.")),
      p("The copy of the records goes off this tablet. Nobody can sign in again without the network."),
      p(`To leave it for a moment, ${context.owner.on_device ? "press Lock" : "lock the tablet’s own screen"} instead.`),
      el("div", { class: "rb-buttons" }, button("Stay signed in", { onclick: context.again }), button("Sign out all the same", { second: true, onclick: leave })),
    ],
  };
}

/** They have signed out on a screen without the network. */
export async function leftPage() {
  return {
    title: "Signed out on this tablet",
    locked: true,
    body: [
      el("h1", { tabindex: "-1" }, "Signed out on this tablet"),
      p("The copy of the records is off this tablet. Red Bag hears of it as soon as the network is back, before anybody sees anything."),
      await unsent(),
      way("/sign-in", "Sign in, with the network", { second: true }),
      paper(),
    ],
  };
}

/** Signing out has taken the copy off the tablet; the server hears of it when it can be reached. */
function signedOutPage(form) {
  return {
    title: "Signed out on this tablet",
    body: [
      el("h1", { tabindex: "-1" }, "Signed out on this tablet"),
      p("The copy of the records is off this tablet. Red Bag itself could not be reached: press the button when the network is back, before you leave the tablet to somebody else."),
      once(form, "Sign out once more"),
    ],
  };
}

const once = (form, words) => el(
  "form",
  { method: "post", action: form.path },
  form.fields.map(([name, value]) => el("input", { type: "hidden", name, value })),
  button(words, { type: "submit" }),
);

// A passphrase, a PIN, a code of a label or of a second factor: on no screen, and in no form of it.
const SECRET = /pass|(^|[_-])pin|secret|otp|(^|[_-])code|recovery/i;

/** A form that was on its way when the network went, and that cannot be kept here. */
export function lostFormPage(form) {
  if (form.path === "/sign-out") {
    return signedOutPage(form);
  }
  const isSecret = ([name]) => SECRET.test(name);
  const secret = form.fields.some(isSecret);
  // What stands in it as words: no reference, and no value of a list, is any use to whoever reads it.
  const shown = form.fields.filter(([name, value]) => value && (SECRET.test(name) || (/\s|^\d+$/.test(value.trim()) && !/(token|key|seen|version|_at|lines)$/.test(name))));
  return {
    title: "Not sent",
    body: [
      el("h1", { tabindex: "-1" }, "Red Bag could not be reached: this was perhaps not saved"),
      secret
        ? p("Try again when the network is back.")
        : p("Leave this page open, and send it once more when the network is back: it is never done twice."),
      !secret && once(form, "Send it once more"),
      shown.length > 0 && [h2("What you had typed"), el("ul", {}, shown.map((one) => el("li", { class: "rb-prose" }, isSecret(one) ? "A code or word that nobody else may read: not shown" : one[1])))],
      paper(),
    ],
  };
}
