// Reads a licence's QR code with the camera, where the browser has a barcode detector.
const button = document.querySelector("[data-scan]");
const box = document.querySelector("[data-scanner]");
const CODE = /\/v\/([0-9A-Za-z]{12})\/?$/;

async function scan() {
  const detector = new BarcodeDetector({ formats: ["qr_code"] });
  const stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
  const video = box.querySelector("video");
  box.hidden = false;
  video.srcObject = stream;
  await video.play();
  const deadline = Date.now() + 60_000;
  while (Date.now() < deadline) {
    const found = (await detector.detect(video)).map((each) => CODE.exec(each.rawValue)?.[1]).find(Boolean);
    if (found) return location.assign(`/v/${found.toUpperCase()}`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  stream.getTracks().forEach((track) => track.stop());
  box.hidden = true;
}

if (button && "BarcodeDetector" in globalThis && navigator.mediaDevices) {
  button.hidden = false;
  button.addEventListener("click", () => scan().catch(() => (box.hidden = true)));
}
