// Shows a licence's code as large as the screen without leaving the wallet; without this, the link leads to a page.
const dialog = document.querySelector("[data-show-dialog]");

async function open(event) {
  const link = event.target.closest("[data-show]");
  if (!link || !dialog?.showModal || event.metaKey || event.ctrlKey) return;
  event.preventDefault();
  const answer = await fetch(link.href).catch(() => null);
  const body = answer?.ok && (await answer.text().catch(() => ""));
  if (!body) return location.assign(link.href);
  const page = new DOMParser().parseFromString(body, "text/html");
  dialog.querySelector("[data-show-body]").replaceChildren(page.querySelector("[data-show-content]"));
  dialog.showModal();
  // The screen stays on while the code is being scanned.
  const lock = await navigator.wakeLock?.request("screen").catch(() => null);
  dialog.addEventListener("close", () => lock?.release(), { once: true });
}

document.addEventListener("click", open);
