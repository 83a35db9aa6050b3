// Offers names while a medicine is typed, and puts the dm+d code beside a name that was taken over as it
// stands. Without it the list that came with the page offers what the home has written before.
const name = document.querySelector("[data-completions]");
const list = name && document.getElementById(name.getAttribute("list"));
const code = document.getElementById("code");
const told = document.getElementById("name-coded");
const WAIT = 150; // milliseconds without a keystroke

let waiting = 0;
let asked = 0;
let offered = new Map();

async function offer() {
  const mine = ++asked;
  const address = `${name.dataset.completions}?q=${encodeURIComponent(name.value)}`;
  const answer = await fetch(address, { headers: { Accept: "application/json" } }).catch(() => null);
  if (!answer?.ok || mine !== asked) {
    return;
  }
  const offers = await answer.json();
  offered = new Map(offers.map((one) => [one.text, one]));
  list.replaceChildren(
    ...offers.map((one) => {
      const option = document.createElement("option");
      option.value = one.text;
      option.label = one.note;
      return option;
    }),
  );
  match();
}

// A code that was put in here leaves again with the name; one that a person typed stays theirs.
function match() {
  const found = offered.get(name.value);
  if (found?.code && (!code.value || code.dataset.from)) {
    code.value = found.code;
    code.dataset.from = name.value;
    told.textContent = `${found.note}, code ${found.code}`;
  } else if (code.dataset.from && code.dataset.from !== name.value) {
    code.value = "";
    delete code.dataset.from;
    told.textContent = "";
  }
}

if (list && code && told) {
  name.addEventListener("input", () => {
    match();
    clearTimeout(waiting);
    waiting = setTimeout(offer, WAIT);
  });
}
