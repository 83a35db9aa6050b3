// Reads codes off the page's own thread. Its answer carries a policy of its own (redbag/web/headers.py).
importScripts("/static/vendor/zxing_reader.js");

const HOW = { formats: ["QRCode"], maxNumberOfSymbols: 4, tryHarder: true };

ZXingWASM.prepareZXingModule({ fireImmediately: true });

onmessage = async ({ data: { number, width, height, pixels } }) => {
  try {
    const image = new ImageData(new Uint8ClampedArray(pixels), width, height);
    const found = await ZXingWASM.readBarcodes(image, HOW);
    postMessage({ number, texts: found.filter((code) => code.isValid).map((code) => code.text) });
  } catch {
    postMessage({ number, failed: true });
  }
};
