/* A signature drawn with a finger, a pen or the mouse. What is sent are points, which the server checks and
   draws anew. Without this script the typed name stands alone. */
const WIDTH = 600, HEIGHT = 200, MOST_POINTS = 1800, MOST_STROKES = 55;

/** Lets somebody sign in `group`, an element as templates/components/signature.html draws it. */
export function letSign(group) {
  const canvas = group.querySelector("canvas");
  const kept = group.querySelector("input[type=hidden]");
  const refused = group.querySelector("input[type=checkbox]");
  const said = group.querySelector("[data-signature-said]");
  const pen = canvas.getContext("2d");
  let strokes = [], drawing = false;

  const points = () => strokes.reduce((sum, stroke) => sum + stroke.length, 0);
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    const within = (value, most) => Math.min(most, Math.max(0, Math.round(value)));
    return [within(((event.clientX - box.left) / box.width) * WIDTH, WIDTH),
            within(((event.clientY - box.top) / box.height) * HEIGHT, HEIGHT)];
  };
  const draw = () => {
    pen.clearRect(0, 0, WIDTH, HEIGHT);
    pen.lineWidth = 4;
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = "#212b32";
    for (const stroke of strokes) {
      pen.beginPath();
      pen.moveTo(...stroke[0]);
      for (const point of stroke.length > 1 ? stroke.slice(1) : [[stroke[0][0] + 1, stroke[0][1]]]) pen.lineTo(...point);
      pen.stroke();
    }
  };
  const keep = () => {
    kept.value = strokes.length ? JSON.stringify(strokes) : "";
    said.textContent = strokes.length ? "Signed." : "";
    draw();
  };

  canvas.addEventListener("pointerdown", (event) => {
    if (strokes.length >= MOST_STROKES || points() >= MOST_POINTS) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    drawing = true;
    if (refused) refused.checked = false;
    strokes.push([place(event)]);
    keep();
  });
  canvas.addEventListener("pointermove", (event) => {
    if (!drawing || points() >= MOST_POINTS) return;
    const stroke = strokes.at(-1), [x, y] = place(event), [lastX, lastY] = stroke.at(-1);
    if (Math.abs(x - lastX) + Math.abs(y - lastY) < 3) return;
    stroke.push([x, y]);
    draw();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => { if (drawing) { drawing = false; keep(); } });
  }
  group.querySelector("[data-signature-clear]").addEventListener("click", () => { strokes = []; keep(); });
  if (refused) refused.addEventListener("change", () => { if (refused.checked) { strokes = []; keep(); } });
  if (kept.value) {
    try { strokes = JSON.parse(kept.value); } catch { strokes = []; }
    keep();
  }
  group.querySelector("[data-signature-pad]").hidden = false;
}

document.querySelectorAll("[data-signature]").forEach(letSign);
