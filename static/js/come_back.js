// The print opens in a window of its own. When the carer comes back from it, this page shows what now
// stands: the bag taken, the version printed. Nothing typed here is lost: the form was sent with the print.
let printing = false;

document.addEventListener("submit", (event) => {
  printing = event.submitter?.formTarget === "_blank";
});
document.addEventListener("visibilitychange", () => {
  if (printing && document.visibilityState === "visible") {
    window.location.reload();
  }
});
