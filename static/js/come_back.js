// The print opens in a window of its own. When the carer comes back from it, this page shows what now
// stands: the bag taken, the version printed. Nothing typed here is lost: the form was sent with the print.
// Where the print did not take this page's place on the screen (it went to the downloads, or stands beside),
// the page is shown anew shortly after, unless the carer has gone on with it.
const SHORTLY = 3000;
let printing = false;
let waiting = 0;

document.addEventListener("submit", (event) => {
  printing = event.submitter?.formTarget === "_blank";
  window.clearTimeout(waiting);
  if (printing) {
    waiting = window.setTimeout(() => {
      if (document.visibilityState === "visible") {
        window.location.reload();
      }
    }, SHORTLY);
  }
});
for (const act of ["pointerdown", "keydown"]) {
  document.addEventListener(act, () => window.clearTimeout(waiting));
}
document.addEventListener("visibilitychange", () => {
  if (printing && document.visibilityState === "visible") {
    window.location.reload();
  }
});
