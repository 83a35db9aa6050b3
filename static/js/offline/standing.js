// What stands at the top of every screen: whether there is a network, how old is what one reads, and what is saved
// where.
import { el, inSteps, strong } from "./draw.js";
import { colleagues, counts, flush, quiet } from "./outbox.js";
import { reach } from "./server.js";
import { age, near } from "./times.js";

const LOOK_EVERY = 5_000; // while a screen says that the network is back
const LOOK_SOON = 1_500; // while the network is away, or something waits
const PATIENCE = 8_000; // for what is on its way, before another page opens all the same
const box = document.getElementById("standing");
let context = null;
let who = null; // what the server said last; null while it cannot be reached

/** `page`: the address of the screen on Red Bag's own pages; `unnamed`: it has none before its journey is sent. */
export const standing = { page: "", unnamed: false, show };

/** Looks for the network from now on, and shows every change. */
export async function openStanding(about, { onChange, refreshCopy }) {
  context = about;
  onChange(() => show(context));
  let timer = 0;
  let looking = false;
  let cuts = 0;
  const gone = () => {
    cuts += 1;
    who = null;
    context.online = false;
    show(context);
  };
  const look = async () => {
    clearTimeout(timer);
    if (looking) {
      return;
    }
    looking = true;
    const before = context.online;
    const since = cuts;
    const said = await reach();
    who = since === cuts ? said : null; // it may have gone while the answer was on its way
    context.online = Boolean(who?.signed_in && who.account === context.owner?.account);
    if (context.online && !before) {
      await show(context);
      await flush();
      await refreshCopy().catch(() => {});
    }
    await show(context).catch(() => {});
    looking = false;
    timer = setTimeout(() => document.visibilityState === "visible" && look(), context.online ? LOOK_EVERY : LOOK_SOON);
  };
  window.addEventListener("online", look);
  window.addEventListener("offline", gone);
  window.addEventListener("rb-unreached", () => {
    if (context.online) {
      gone();
      clearTimeout(timer);
      timer = setTimeout(look, LOOK_SOON);
    }
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && look());
  await look();
}

/** Leaves for the same page of Red Bag: first what is typed is kept, and what waits is sent. */
async function leaveFor(event) {
  event.preventDefault();
  const { href } = event.currentTarget;
  await context.keep?.();
  await Promise.race([flush().then(quiet), new Promise((go) => setTimeout(go, PATIENCE))]);
  location.assign(href);
}

function network({ copy, online }) {
  const { page, unnamed } = standing;
  if (online && unnamed) {
    return [strong("The network is back."), " Go on here: it will be sent."];
  }
  if (online) {
    return [strong("The network is back."), " ", page ? el("a", { class: "rb-target", href: page, onclick: leaveFor }, "Open this page on Red Bag") : el("a", { class: "rb-target", href: "/residents" }, "Open Red Bag")];
  }
  const old = copy ? ageOf(copy) : "";
  if (who) {
    const next = encodeURIComponent(page || "/residents");
    return [strong("The network is back, and you are not signed in."), " ", el("a", { class: "rb-target", href: `/sign-in?next=${next}` }, "Sign in, so that what waits is sent"), old];
  }
  return [strong("No network."), old];
}

/** On the way through a pack the screen belongs to the person: there the age of the records is said in short. */
function ageOf({ fetched_at, readable_until }) {
  const packing = document.querySelector("#maincontent form");
  return packing
    ? ` The records are of ${near(fetched_at)}.`
    : ` What you see is of ${near(fetched_at)} (${age(fetched_at)}); it can be read until ${near(readable_until)}.`;
}

function saved({ waiting, refused }) {
  const parts = [];
  if (refused) {
    parts.push(strong(`${inSteps(refused)} not taken by Red Bag: put ${refused === 1 ? "it" : "them"} right.`), " ");
  }
  if (waiting) {
    parts.push(strong(`${inSteps(waiting)} saved on this tablet`), `: the hospital sees ${waiting === 1 ? "it" : "them"} when the tablet is back online. `);
  }
  return parts.length ? [...parts, el("a", { class: "rb-target", href: "#/outbox" }, "See what is saved")] : [];
}

/** Whose they are, and about whom, only they can open. */
const ofColleagues = (count) => (count ? [`${inSteps(count)} of a colleague ${count === 1 ? "waits" : "wait"} on this tablet: sent when they sign in here.`] : []);

async function show(about) {
  if (!about?.owner) {
    box.hidden = true;
    return;
  }
  await about.place();
  const lines = [network(about), saved(await counts(about.owner.account)), ofColleagues(await colleagues(about.owner.account))].filter((line) => line.length);
  box.hidden = false;
  const made = el("div", {}, lines.map((line) => el("p", {}, line)));
  if (made.innerHTML !== box.innerHTML) {
    box.replaceChildren(...made.childNodes); // and a link that has the focus keeps it otherwise
  }
}
