// Keys of the staff desk: j/k move in a list marked data-rows, Enter opens, / goes to the search box.
const typing = (element) => element.closest("input, textarea, select, [contenteditable]");

function rows() {
  // What is folded away is not stepped through.
  return [...document.querySelectorAll("[data-rows] > tr, [data-rows] > li")].filter((row) => row.getClientRects().length);
}

function move(step) {
  const all = rows();
  if (!all.length) return;
  const now = all.findIndex((row) => row.classList.contains("is-current"));
  const next = all[Math.max(0, Math.min(all.length - 1, now + step))];
  all.forEach((row) => row.classList.toggle("is-current", row === next));
  next.querySelector("a")?.focus({ preventScroll: true });
  next.scrollIntoView({ block: "nearest" });
}

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  if (event.key === "j") move(1);
  if (event.key === "k") move(-1);
  if (event.key === "Enter" && !event.target.closest("a, button")) document.querySelector("[data-rows] > .is-current a")?.click();
  if (event.key === "/") {
    event.preventDefault();
    document.querySelector("#desk-search")?.focus();
  }
});
