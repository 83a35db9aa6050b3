// A form that was on its way when the network went. The service worker holds it for the page that stands in its
// place: it goes into the outbox under the key that it had, so that it acts once even if the server had it.
import { Answers } from "./answers.js";
import { keepDraft } from "./drafts.js";
import { addAct } from "./outbox.js";
import { AFTER, begin, journeyAt } from "./packing.js";

const PATIENCE = 1_000;
const STEPS = ["why", "observations", "doses", "belongings", "today", "papers", "ready", "handover"];
const TITLES = {
  why: "Why now", observations: "Observations", doses: "Last doses", belongings: "Belongings and bag", ready: "Ready", handover: "Handed to crew",
  today: "How they are today", papers: "Papers in the bag", bag: "Which red bag", told: "Who has been told",
};

/** The form that this page stands in for: {path, fields, at}, or null. */
export function unsentForm() {
  const worker = navigator.serviceWorker?.controller;
  if (!worker) {
    return Promise.resolve(null);
  }
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), PATIENCE);
    navigator.serviceWorker.addEventListener("message", (event) => {
      if ("unsent" in (event.data ?? {})) {
        clearTimeout(timer);
        resolve(event.data.unsent);
      }
    });
    navigator.serviceWorker.startMessages?.();
    worker.postMessage("unsent?");
  });
}

/** Keeps the form; says where to go on. Null where it cannot be kept here: it is shown to its person instead. */
export async function takeUnsent(context, { path, fields, at }) {
  const answers = new Answers(fields);
  const key = new Answers([...fields].map(([name, value]) => [name === "idempotency_key" ? "kept_key" : name, value])).text("kept_key");
  const how = { key: key || undefined, at };
  const [, resident] = /^\/residents\/([0-9a-z-]+)\/send$/.exec(path) ?? [];
  const [, ref, step] = /^\/transfers\/([0-9a-z-]+)\/([a-z-]+)$/.exec(path) ?? [];
  if (resident) {
    return takeSend(context, resident, answers, how);
  }
  const journey = ref ? await journeyAt(context.copy, ref) : null;
  if (journey && (STEPS.includes(step) || ["label", "print"].includes(step)) && !answers.has("take_bag")) {
    return takeStep(context, journey, step, answers, how);
  }
  if (!/^\/(residents|transfers)\//.test(path) || /photo|import|\.pdf/.test(path)) {
    return null;
  }
  const name = TITLES[step] ?? "A change";
  await addAct({ journey: journey?.id ?? crypto.randomUUID(), resident: journey?.resident.ref ?? "", path, fields: answers.fields, words: `${name}${journey ? `: ${journey.resident.name}` : ` (page ${path})`}`, ...how });
  await context.saved();
  return journey ? journey.at(journey.packing ? "ready" : "done") : "#/outbox";
}

async function takeSend(context, ref, answers, how) {
  const resident = context.copy.residents.find((one) => one.ref === ref);
  const reason = context.copy.words.reasons.find(([value]) => value === answers.text("reason"));
  if (!resident || !reason) {
    return null;
  }
  const journey = await begin(context.copy, resident, answers, `Send to hospital: ${resident.name}. ${reason[1]}`, how);
  await context.saved();
  return journey.at("observations");
}

async function takeStep(context, journey, step, answers, how) {
  if (step === "label" || answers.has("more_rows")) {
    const here = step === "label" ? "ready" : step;
    await keepDraft(journey.draft(here), answers.with("more_rows", null).fields);
    return journey.at(here);
  }
  if (step === "print") {
    await journey.save("ready", answers, `Ready: ${journey.resident.name}`, { at: how.at });
    await context.saved();
    return journey.at("pack");
  }
  await journey.save(step, answers, `${TITLES[step]}: ${journey.resident.name}`, how);
  await context.saved();
  if (step === "handover") {
    return journey.at(answers.text("identity") === "yes" ? "done" : "not-this-person");
  }
  return journey.at(!journey.packing ? "done" : answers.has("crew") ? "ready" : AFTER[step]);
}
