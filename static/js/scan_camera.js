// The camera: the lens that looks away from the person, its light, and what it sees, picture by picture.
import { read } from "/static/js/scan_reader.js";

const REST = 120000; // milliseconds without a code, after which the camera goes off by itself
const PAUSE = 60; // milliseconds between one picture's answer and the next picture
const KEPT_LENS = "redbag.lens"; // the same tablet opens the same wrong lens every time

const WORDS = {
  NotAllowedError:
    "The camera is not allowed here. Allow it in the browser’s settings for this page, then press “Use the camera”. Or use one of the other ways.",
  NotFoundError: "No camera was found on this device. Use one of the other ways.",
  NotReadableError:
    "The camera is in use by another app. Close that app, then press “Use the camera”. Or use one of the other ways.",
  none: "This browser gives no camera to this page. Use one of the other ways.",
  reader: "This browser cannot read labels. Use the hand scanner, or type the code under the square.",
  rest: "The camera is off after two minutes without a label. Press “Use the camera” to go on.",
  other: "The camera did not start. Press “Use the camera” to try again, or use one of the other ways.",
};

const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));

/** `seen(texts)` is called with what each picture holds; `stopped(words)` when the camera stops by itself. */
export class Camera {
  constructor(video, { seen, changed, stopped }) {
    this.video = video;
    this.seen = seen;
    this.changed = changed;
    this.stopped = stopped;
    this.canvas = document.createElement("canvas");
    this.stream = null;
    this.lenses = [];
    this.lens = localStorage.getItem(KEPT_LENS);
    this.lit = false;
    this.turn = 0;
  }

  get on() {
    return this.stream !== null;
  }

  get track() {
    return this.stream?.getVideoTracks()[0];
  }

  get hasLight() {
    return Boolean(this.track?.getCapabilities?.().torch);
  }

  async start() {
    this.stop();
    const turn = ++this.turn;
    try {
      const stream = await this.open();
      if (turn !== this.turn) {
        stream.getTracks().forEach((track) => track.stop());
        return;
      }
      this.stream = stream;
      this.track.onended = () => this.giveUp(WORDS.NotReadableError);
      this.video.srcObject = stream;
      await this.video.play();
      this.lenses = (await navigator.mediaDevices.enumerateDevices()).filter((one) => one.kind === "videoinput");
      this.changed();
      this.watch(turn);
    } catch (problem) {
      if (turn === this.turn) {
        this.giveUp(WORDS[problem.name] ?? WORDS.other);
      }
    }
  }

  async open() {
    if (!navigator.mediaDevices?.getUserMedia) {
      throw Object.assign(new Error(), { name: "none" });
    }
    const size = { width: { ideal: 1280 }, height: { ideal: 960 } };
    const away = { ...size, facingMode: { ideal: "environment" } };
    if (!this.lens) {
      return navigator.mediaDevices.getUserMedia({ audio: false, video: away });
    }
    try {
      const video = { ...size, deviceId: { exact: this.lens } };
      return await navigator.mediaDevices.getUserMedia({ audio: false, video });
    } catch (problem) {
      if (problem.name !== "OverconstrainedError" && problem.name !== "NotFoundError") {
        throw problem;
      }
      return navigator.mediaDevices.getUserMedia({ audio: false, video: away }); // that lens is gone
    }
  }

  stop() {
    this.turn += 1;
    this.stream?.getTracks().forEach((track) => track.stop());
    this.stream = null;
    this.lit = false;
    this.video.srcObject = null;
    this.changed();
  }

  giveUp(words) {
    this.stop();
    this.stopped(words);
  }

  async otherLens() {
    const now = this.lenses.findIndex((one) => one.deviceId === this.track?.getSettings().deviceId);
    this.lens = this.lenses[(now + 1) % this.lenses.length].deviceId;
    localStorage.setItem(KEPT_LENS, this.lens);
    await this.start();
  }

  async switchLight() {
    const lit = !this.lit;
    await this.track.applyConstraints({ advanced: [{ torch: lit }] }).then(
      () => (this.lit = lit),
      () => {},
    );
    this.changed();
  }

  async watch(turn) {
    let last = Date.now();
    while (turn === this.turn) {
      if (Date.now() - last > REST) {
        this.giveUp(WORDS.rest);
        return;
      }
      const { videoWidth: width, videoHeight: height } = this.video;
      if (width) {
        try {
          const texts = await read(this.canvas, this.video, width, height);
          last = texts.length ? Date.now() : last;
          this.seen(turn === this.turn ? texts : []);
        } catch (problem) {
          if (problem.message === "no reader" && turn === this.turn) {
            this.giveUp(WORDS.reader);
          }
        }
      }
      await wait(PAUSE);
    }
  }
}
