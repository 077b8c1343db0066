// The eye button: asks the server for one value, which records who looked.
export async function openMasked(event) {
  const form = event.target;
  if (!form.matches("[data-reveal]")) return;
  event.preventDefault();
  const button = form.querySelector("button");
  const shown = form.parentElement.querySelector("[data-masked]");
  button.disabled = true;
  const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } }).catch(() => null);
  const body = answer ? await answer.json().catch(() => ({})) : {};
  if (answer?.ok && typeof body.value === "string") {
    shown.textContent = body.value;
    form.remove();
  } else {
    button.disabled = false;
    button.title = body.detail || button.title;
    shown.after(Object.assign(document.createElement("span"), { className: "yw-error", textContent: body.detail || "…" }));
  }
}
