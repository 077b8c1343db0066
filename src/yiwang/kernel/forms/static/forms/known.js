// "有误？" beside a known value: an objection in a dialog, without leaving the form.
export function watchKnown(page) {
  const dialog = document.querySelector("[data-objection-dialog]");
  if (!dialog?.showModal) return;
  const form = dialog.querySelector("form");
  let opener = null;
  page.root.addEventListener("click", (event) => {
    const button = event.target.closest("[data-object]");
    if (!button) return;
    event.preventDefault();
    opener = button;
    form.reset();
    form.elements.token.value = button.closest("[data-known]").querySelector("input[type=hidden]").value;
    dialog.showModal();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const answer = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) return done(page, dialog, opener);
    const body = answer ? await answer.json().catch(() => ({})) : {};
    const error = form.querySelector("[data-error]");
    error.hidden = false;
    error.querySelector("span").textContent = body.detail || page.say("没有保存上，网络恢复后会自动再存");
  });
}

function done(page, dialog, opener) {
  dialog.close();
  const told = Object.assign(document.createElement("span"), { textContent: page.say("已记录。您可以继续填写，结果会通知您。") });
  told.setAttribute("role", "status");
  opener.replaceWith(told);
}
