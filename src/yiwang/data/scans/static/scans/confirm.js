// Confirming by keyboard: Enter confirms a field and goes on, F2 nobody can read it, F4 puts the page aside, Ctrl+Enter sends the page.
const panes = document.querySelector("[data-confirm]");
if (panes) start(panes);

function start(panes) {
  const form = panes.querySelector("#confirm");
  const box = panes.querySelector("[data-box]");
  const fields = [...form.querySelectorAll("[data-field]")];
  const doubtful = fields.filter((field) => !field.closest("details"));
  const input = (field) => field.querySelector("input.form-control, textarea");

  function show(field) {
    const { x = 0, y = 0, width = 0, height = 0 } = field.dataset;
    for (const [name, value] of Object.entries({ x, y, width, height })) box.setAttribute(name, value);
  }

  function go(field, step) {
    const at = doubtful.indexOf(field);
    if (at < 0) return;
    if (step > 0) field.classList.add("is-done");
    const next = doubtful[at + step];
    if (next) {
      input(next).focus();
      input(next).select();
    } else if (step > 0) form.requestSubmit();
  }

  function mark(field) {
    const unreadable = field.querySelector("[data-unreadable]");
    unreadable.checked = !unreadable.checked;
    if (unreadable.checked) go(field, 1);
  }

  form.addEventListener("focusin", (event) => {
    const field = event.target.closest("[data-field]");
    if (field) show(field);
  });

  document.addEventListener("keydown", (event) => {
    // While an input method is open, Enter chooses a word.
    if (event.isComposing || event.keyCode === 229) return;
    const field = document.activeElement.closest("[data-field]");
    if (event.key === "F4") {
      event.preventDefault();
      panes.querySelector("#aside-reason")?.focus();
    } else if (event.key === "Enter" && event.ctrlKey && field) {
      event.preventDefault();
      form.requestSubmit();
    } else if (field && event.key === "F2") {
      event.preventDefault();
      mark(field);
    } else if (field && event.key === "Enter" && document.activeElement === input(field)) {
      event.preventDefault();
      go(field, event.shiftKey ? -1 : 1);
    }
  });

  const wrong = form.querySelector(".has-error");
  const first = wrong ?? doubtful[0];
  if (first) {
    input(first).focus({ preventScroll: !wrong });
    input(first).select();
    show(first);
  }
}
