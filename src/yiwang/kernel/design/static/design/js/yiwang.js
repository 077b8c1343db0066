// What every page does: opens masked values, keeps a form from being sent twice, leads to the first error.
import { openMasked } from "./masked.js";
import { sendOnce } from "./once.js";

document.addEventListener("submit", openMasked);
document.addEventListener("submit", sendOnce);
window.addEventListener("pageshow", () => document.querySelectorAll("[data-sent]").forEach((form) => delete form.dataset.sent));
document.querySelector("[data-errors]")?.focus();
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-print]")) window.print();
});
