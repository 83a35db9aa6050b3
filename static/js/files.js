/* Says at once that a file is too large, instead of after minutes of sending it. The server asks again. */
for (const group of document.querySelectorAll("[data-files]")) {
  const said = group.querySelector("[data-files-error]");
  const most = Number(group.dataset.most);
  const inputs = [...group.querySelectorAll("input[type=file]")];
  const look = () => {
    const large = inputs.some((input) => [...input.files].some((file) => file.size > most));
    said.hidden = !large;
    said.textContent = large ? group.dataset.tooLarge : "";
    group.classList.toggle("nhsuk-form-group--error", large);
    return !large;
  };
  for (const input of inputs) input.addEventListener("change", look);
  group.closest("form").addEventListener("submit", (event) => {
    if (look()) return;
    event.preventDefault();
    said.scrollIntoView({ block: "center" });
  });
}
