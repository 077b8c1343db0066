// The document that a choice will issue, beside the choice and anew while its words are typed.
const PAUSE_MS = 400;

for (const form of document.querySelectorAll("form[data-preview]")) watch(form);

function watch(form) {
  const fold = form.closest("details");
  const here = form.querySelector("[data-preview-here]");
  let timer, asked, isShown = false;

  async function show() {
    asked?.abort();
    asked = new AbortController();
    const fields = new FormData(form);
    for (const [name, value] of [...fields]) if (value instanceof File) fields.delete(name);
    fields.set("fragment", "1");
    here.toggleAttribute("data-is-loading", true);
    try {
      const answer = await fetch(form.dataset.preview, { method: "POST", body: fields, signal: asked.signal });
      if (answer.ok) here.innerHTML = await answer.text();
      here.toggleAttribute("data-is-loading", false);
      isShown = answer.ok;
    } catch (problem) {
      if (problem.name !== "AbortError") here.toggleAttribute("data-is-loading", false);
    }
  }

  form.querySelector("[data-preview-button]").hidden = true;
  here.hidden = false;
  fold.addEventListener("toggle", () => { if (fold.open && !isShown) show(); });
  form.addEventListener("input", () => { clearTimeout(timer); timer = setTimeout(show, PAUSE_MS); });
  if (fold.open) show();
}
