// Keeps the code on the screen fresh: fetches the page anew before the code is over; the link does the same without this.
let box = document.querySelector("[data-code]");
let born = performance.now();
let asked = false;
let lock = null;

const age = () => (performance.now() - born) / 1000;

async function renew() {
  if (asked) return;
  asked = true;
  try {
    const answer = await fetch(location.href, { signal: AbortSignal.timeout(10_000) });
    if (answer.redirected || !answer.ok) return location.reload();
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").querySelector("[data-code]");
    if (!fresh) return location.reload();
    box.replaceWith(fresh);
    box = fresh;
    born = performance.now();
  } catch {
    box.querySelector("[data-left]").textContent = box.querySelector("[data-say]").dataset.wait;
    await new Promise((resolve) => setTimeout(resolve, 3000));
  } finally {
    asked = false;
  }
}

function tick() {
  const left = Math.max(0, Math.ceil(Number(box.dataset.lives) - age()));
  const isOver = left === 0;
  box.classList.toggle("is-over", isOver);
  box.querySelector("[data-over]").hidden = !isOver;
  if (!asked) box.querySelector("[data-left]").textContent = isOver ? "" : `${left} ${box.querySelector("[data-say]").dataset.seconds}`;
  if (document.visibilityState === "visible" && age() >= Number(box.dataset.refresh)) renew();
}

async function stayOn() {
  lock = await navigator.wakeLock?.request("screen").catch(() => null);
}

if (box) {
  setInterval(tick, 500);
  stayOn();
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") {
      stayOn();
      tick();
    } else lock?.release();
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-again]")) return;
    event.preventDefault();
    renew();
  });
}
