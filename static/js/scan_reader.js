// The codes in a picture: of the camera, or of a photo. Throws where this browser cannot read codes.
const LONGEST = 1600; // pixels; more only costs time

let worker = null;
let broken = false;
let asked = 0;
const waiting = new Map();

function settle(failed) {
  for (const { reject } of waiting.values()) {
    reject(failed);
  }
  waiting.clear();
}

function start() {
  worker = new Worker("/static/js/scan_worker.js");
  worker.onmessage = ({ data }) => {
    const { resolve, reject } = waiting.get(data.number);
    waiting.delete(data.number);
    if (data.failed) {
      reject(new Error("unreadable"));
    } else {
      resolve(data.texts);
    }
  };
  worker.onerror = () => {
    broken = true;
    settle(new Error("no reader"));
  };
}

/** The texts of the codes in `source`, which is `width` by `height` pixels. */
export function read(canvas, source, width, height) {
  if (broken) {
    return Promise.reject(new Error("no reader"));
  }
  if (!worker) {
    start();
  }
  const scale = Math.min(1, LONGEST / Math.max(width, height));
  canvas.width = Math.round(width * scale);
  canvas.height = Math.round(height * scale);
  const pen = canvas.getContext("2d", { willReadFrequently: true });
  pen.drawImage(source, 0, 0, canvas.width, canvas.height);
  const { data } = pen.getImageData(0, 0, canvas.width, canvas.height);
  const number = ++asked;
  return new Promise((resolve, reject) => {
    waiting.set(number, { resolve, reject });
    const said = { number, width: canvas.width, height: canvas.height, pixels: data.buffer };
    worker.postMessage(said, [data.buffer]);
  });
}
