// Shortens a list while a name is typed. Without it the Find button does the same on the server.
const search = document.querySelector("[data-filter]");
const list = search && document.getElementById(search.dataset.filter);
const told = list && document.getElementById(`${list.id}-found`);

// The same folding as redbag/domain/name_words.py: no case, no accents, no apostrophes.
const wordsOf = (text) =>
  text.normalize("NFKD").replace(/[\p{Mn}'’‘\u0060´]/gu, "").toLowerCase().match(/[\p{L}\p{N}_]+/gu) ?? [];

function shorten() {
  const wanted = wordsOf(search.value);
  let found = 0;
  for (const row of list.children) {
    const words = row.dataset.words.split(/\s+/);
    row.hidden = !wanted.every((start) => words.some((word) => word.startsWith(start)));
    found += row.hidden ? 0 : 1;
  }
  told.textContent = wanted.length ? `${found} found` : "";
}

if (list) {
  search.addEventListener("input", shorten);
}
