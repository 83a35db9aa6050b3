// Offers names while a medicine is typed. On the form of one medicine it also puts the dm+d code beside a
// name that was taken over as it stands. Without it the list that came with the page offers what was
// written here before.
const WAIT = 150; // milliseconds without a keystroke

const code = document.getElementById("code");
const told = document.getElementById("name-coded");

function offerNames(name) {
  const list = document.getElementById(name.getAttribute("list"));
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
    if (!code || !told) {
      return;
    }
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

  name.addEventListener("input", () => {
    match();
    clearTimeout(waiting);
    waiting = setTimeout(offer, WAIT);
  });
}

for (const name of document.querySelectorAll("[data-completions]")) {
  offerNames(name);
}
