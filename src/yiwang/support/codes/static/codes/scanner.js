// Reads QR codes with the camera or from a photo: the browser's own detector where there is one, else the bundled decoder.
const SIDE = 1000;
const DEADLINE = 60_000;

async function native() {
  if (!("BarcodeDetector" in globalThis)) return null;
  const formats = await BarcodeDetector.getSupportedFormats().catch(() => []);
  return formats.includes("qr_code") ? new BarcodeDetector({ formats: ["qr_code"] }) : null;
}

function pixels(source, width, height) {
  const scale = Math.min(1, SIDE / Math.max(width, height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(width * scale));
  canvas.height = Math.max(1, Math.round(height * scale));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  context.drawImage(source, 0, 0, canvas.width, canvas.height);
  return context.getImageData(0, 0, canvas.width, canvas.height);
}

async function reader(address) {
  const detector = await native();
  if (detector) return async (source) => (await detector.detect(source))[0]?.rawValue ?? "";
  const { decodeQR } = await import(address);
  return async (source, width, height) => {
    try {
      return decodeQR(pixels(source, width, height));
    } catch {
      return ""; // no code in this picture
    }
  };
}

async function watch(video, read) {
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  video.srcObject = stream;
  video.hidden = false;
  try {
    await video.play();
    for (const end = Date.now() + DEADLINE; Date.now() < end; ) {
      const text = video.videoWidth ? await read(video, video.videoWidth, video.videoHeight) : "";
      if (text) return text;
      await new Promise((resolve) => setTimeout(resolve, 150));
    }
    return "";
  } finally {
    stream.getTracks().forEach((track) => track.stop());
    video.hidden = true;
  }
}

// Wires a `[data-scanner]` block; `take(text)` gets what was read.
export function wire(root, take) {
  const say = (words) => { root.querySelector("[data-told]").textContent = words; };
  let reading = null;
  const read = () => (reading ??= reader(root.dataset.decoder));
  const camera = root.querySelector("[data-camera]");
  if (navigator.mediaDevices?.getUserMedia) {
    camera.hidden = false;
    camera.addEventListener("click", async () => {
      say("请把二维码放在画面中间。");
      try {
        const text = await watch(root.querySelector("video"), await read());
        say(text ? "" : "一分钟里没有扫到，请再试。");
        if (text) take(text);
      } catch {
        say("用不了摄像头，请用扫码枪或从照片识别。");
      }
    });
  }
  root.querySelector("[data-photo]").addEventListener("change", async (event) => {
    const [file] = event.target.files;
    if (!file) return;
    try {
      const picture = await createImageBitmap(file);
      const text = await (await read())(picture, picture.width, picture.height);
      say(text ? "" : "照片里没有认出二维码，请靠近再拍。");
      if (text) take(text);
    } catch {
      say("读不了这张照片。");
    }
    event.target.value = "";
  });
}
