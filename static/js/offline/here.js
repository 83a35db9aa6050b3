// On every page of a home's staff: keeps the tablet ready for the moment when the network goes, sends what waits,
// and says how much that is.
import { refreshCopy } from "./copy.js";
import { forgetOldDrafts, hearHowItWent, watchForms } from "./drafts.js";
import { colleagues, counts, obey, onChange, sendWheneverPossible } from "./outbox.js";
import "./register.js";
import { finishSignOut, getKey, reach, signingOut, signsOut } from "./server.js";
import { account as openAccount, lock, owner, touched, wipe, wipeWhatIsOld } from "./vault.js";
import { read, write } from "./store.js";

const CHECK_EVERY = 5 * 60_000;
const TOUCH_EVERY = 20_000;
const { account, home, session } = document.body.dataset;
const refused = document.body.hasAttribute("data-refused") || document.querySelector(".nhsuk-error-summary");
const TRANSFER = /^\/transfers\/([0-9a-z]+)/;

const csrf = () => document.querySelector("[name=csrf_token]")?.value ?? "";

/** The key of whoever is signed in on this page is on the tablet, and nobody else's lies open beside it. */
async function open() {
  const about = await owner();
  if (about && about.account !== account && !about.on_device) {
    await wipe(about.account); // somebody else has signed in on a tablet that was theirs
  }
  const moved = about?.account === account && about.home_ref !== home;
  if (moved) {
    await wipe(account);
  }
  const here = about?.account === account && !moved;
  if (here && (await openAccount().catch(() => ""))) {
    return (await read("meta", "pin")) ? getKey(csrf()) : true;
  }
  return getKey(csrf());
}

async function mayStay() {
  const about = await owner();
  if (Date.now() - about.heard_at < CHECK_EVERY) {
    return true;
  }
  return !(await obey(await reach()));
}

/** Says in the header how much waits; nothing where nothing does. */
async function show() {
  const line = document.getElementById("rb-outbox");
  const { waiting, refused: stopped } = await counts(account);
  const away = !navigator.onLine;
  const others = await colleagues(account);
  line.hidden = !(waiting || stopped || away || others);
  line.classList.toggle("rb-outbox--stopped", stopped > 0);
  line.textContent = stopped
    ? `${stopped} not taken: put right`
    : waiting
      ? `${waiting} waiting to be sent`
      : away
        ? "No network: go on, this tablet keeps it"
        : `${others} step${others === 1 ? " of a colleague waits" : "s of a colleague wait"} on this tablet`;
}

/** What was typed before stands in the form again: said, and undone by one tap. */
function sayDraft(form, at, undo) {
  const note = document.createElement("div");
  note.className = "rb-draft";
  note.setAttribute("role", "status");
  const words = document.createElement("p");
  const clock = { hour: "2-digit", minute: "2-digit", timeZone: "Europe/London" };
  const today = at.toDateString() === new Date().toDateString();
  const time = at.toLocaleString("en-GB", today ? clock : { day: "numeric", month: "short", ...clock });
  words.textContent = `What you typed here (${time}) stands in the form again. It is not saved yet.`;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "rb-draft__undo";
  button.textContent = "Take it out";
  button.addEventListener("click", undo);
  note.append(words, button);
  form.prepend(note);
}

/** Signing out takes the copy and the key off the tablet. What waits is said first, stays sealed, and goes with
 * this person's next sign-in. "Switch person" only locks. */
function watchSignOut() {
  const form = document.querySelector("form.rb-header__out");
  const dialog = document.getElementById("rb-unsent");
  let asked = false;
  form?.addEventListener("submit", async (event) => {
    if (asked) {
      return;
    }
    event.preventDefault();
    const { submitter } = event;
    const { waiting, refused: stopped } = await counts(account).catch(() => ({ waiting: 0, refused: 0 }));
    const go = async () => {
      asked = true;
      const leaves = async () => {
        await signsOut(session);
        await wipe(account);
      };
      await (submitter?.name === "next" ? lock() : leaves()).catch(() => {});
      form.requestSubmit(submitter);
    };
    if (!(waiting || stopped) || submitter?.name === "next") {
      await go();
      return;
    }
    dialog.querySelector("[data-count]").textContent = String(waiting + stopped);
    dialog.querySelector("[data-go]").onclick = go;
    dialog.querySelector("[data-stay]").onclick = () => dialog.close();
    dialog.showModal();
  });
}

function stayOpen() {
  let told = 0;
  const notice = () => {
    if (Date.now() - told > TOUCH_EVERY) {
      told = Date.now();
      touched().catch(() => {});
    }
  };
  ["pointerdown", "keydown"].forEach((kind) => document.addEventListener(kind, notice, { passive: true }));
}

/** Whose session this is, and whose journey this page is about, for the screens without the network. */
async function keepWhose() {
  if (session) {
    await write(["meta", "put", session, "session"]); // what is ended where the sign-out is made with no network
  }
  const transfer = TRANSFER.exec(location.pathname)?.[1];
  const resident = document.querySelector("meta[name=rb-resident]")?.content;
  if (transfer && resident) {
    await write(["refs", "put", resident, `of|${transfer}`]);
  }
}

async function begin() {
  if (session && (await signingOut()) === session) {
    // They have signed out, and only the server does not know yet: nothing of this page is theirs to see.
    document.body.hidden = true;
    if (await finishSignOut()) {
      document.body.hidden = false; // the server cannot be told now: its page has a button for it
    } else {
      location.replace("/sign-in");
    }
    return;
  }
  await wipeWhatIsOld();
  await forgetOldDrafts();
  if (!account) {
    await finishSignOut().catch(() => {});
    await hearHowItWent(true).catch(() => {});
    return;
  }
  watchSignOut();
  await keepWhose();
  if (!(await open()) || !(await mayStay())) {
    return;
  }
  await hearHowItWent(Boolean(refused));
  await watchForms(sayDraft);
  stayOpen();
  onChange(show);
  ["online", "offline"].forEach((kind) => window.addEventListener(kind, show));
  await show();
  sendWheneverPossible();
  await refreshCopy(TRANSFER.exec(location.pathname)?.[1]);
}

begin().catch((problem) => console.warn("offline:", problem?.name));
