// Saves the receipt as a picture: its own words and QR code drawn on a canvas, nothing fetched.
const card = document.querySelector("[data-receipt]");
const button = document.querySelector("[data-save-receipt]");

const WIDTH = 720;
const MARGIN = 40;
const LINE = 34;

function pairs() {
  return [...card.querySelectorAll("dt")].map((term) => [term.textContent.trim(), term.nextElementSibling.innerText.trim()]);
}

async function drawnCode() {
  const svg = card.querySelector(".yw-qr svg");
  if (!svg) return null;
  const copy = svg.cloneNode(true);
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const image = new Image();
  image.src = "data:image/svg+xml;charset=utf-8," + encodeURIComponent(copy.outerHTML);
  await image.decode();
  return image;
}

function wrapped(context, text, width) {
  const lines = [];
  for (const part of text.split("\n")) {
    let line = "";
    for (const sign of part) {
      if (context.measureText(line + sign).width > width) {
        lines.push(line);
        line = "";
      }
      line += sign;
    }
    lines.push(line);
  }
  return lines;
}

async function save() {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  const family = getComputedStyle(document.body).fontFamily;
  context.font = `22px ${family}`;
  const rows = pairs().map(([term, value]) => [term, wrapped(context, value, WIDTH - 2 * MARGIN - 150)]);
  const height = MARGIN * 2 + 60 + rows.reduce((sum, [, lines]) => sum + lines.length * LINE + 8, 0) + 240;
  canvas.width = WIDTH * 2;
  canvas.height = height * 2;
  context.scale(2, 2);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, WIDTH, height);
  context.fillStyle = "#1b2533";
  context.font = `bold 28px ${family}`;
  context.fillText(card.querySelector("h2").textContent.trim(), MARGIN, MARGIN + 28);
  let y = MARGIN + 80;
  for (const [term, lines] of rows) {
    context.font = `22px ${family}`;
    context.fillStyle = "#5b6778";
    context.fillText(term, MARGIN, y);
    context.fillStyle = "#1b2533";
    for (const line of lines) {
      context.fillText(line, MARGIN + 150, y);
      y += LINE;
    }
    y += 8;
  }
  const code = await drawnCode();
  if (code) context.drawImage(code, MARGIN, y, 200, 200);
  const link = document.createElement("a");
  link.download = `${card.dataset.receipt}.png`;
  link.href = canvas.toDataURL("image/png");
  link.click();
}

if (card && button) {
  button.hidden = false;
  button.addEventListener("click", save);
}
