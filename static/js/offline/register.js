// On every page of a home and of a ward: keeps the program that answers when Red Bag cannot be reached. At a ward
// that is all of it, and nobody is in it.
navigator.serviceWorker?.register("/sw.js", { updateViaCache: "none" }).catch(() => {});
