// Drafts are kept without being asked for: a moment after the last key, and when the page is left.
import { collect } from "./answers.js";

const PAUSE = 1500;

export function watchDrafts(page) {
  const { root, form, say } = page;
  const url = root.dataset.draftUrl;
  if (!url) return { stop() {} };
  const shown = root.querySelector("[data-saved]");
  const token = root.querySelector("[name=csrfmiddlewaretoken]").value;
  let timer = 0;
  let last = JSON.stringify(collect(form, root));

  async function save(isLeaving) {
    clearTimeout(timer);
    const body = JSON.stringify(collect(form, root));
    if (body === last) return;
    const answer = await fetch(url, { method: "PUT", body, keepalive: isLeaving, headers: { "X-CSRFToken": token, "Content-Type": "application/json", Accept: "application/json" } }).catch(() => null);
    if (answer?.ok) last = body;
    else timer = setTimeout(save, PAUSE * 10);
    shown.textContent = say(answer?.ok ? "已保存" : "没有保存上，网络恢复后会自动再存");
  }

  const soon = () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE);
  };
  root.addEventListener("input", soon);
  root.addEventListener("change", soon);
  window.addEventListener("online", () => save());
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save(true));
  root.querySelector("[data-save]")?.addEventListener("click", (event) => {
    event.preventDefault();
    last = "";
    save();
  });
  return { stop: () => clearTimeout(timer), soon };
}
