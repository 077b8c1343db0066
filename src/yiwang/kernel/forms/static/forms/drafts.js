// Drafts are kept without being asked for: a moment after the last key, and when the page is left.
import { collect } from "./answers.js";

const PAUSE = 1500;

const nonce = () => Date.now().toString(36) + Math.random().toString(36).slice(2);

export function watchDrafts(page) {
  const { root, form, say } = page;
  const url = root.dataset.draftUrl;
  if (!url) return { stop() {} };
  const shown = root.querySelector("[data-saved]");
  const token = root.querySelector("[name=csrfmiddlewaretoken]").value;
  let timer = 0;
  let opened = nonce();
  let number = 0;
  let isSaving = false;
  let isStopped = false;
  let last = JSON.stringify(collect(form, root));

  // One at a time, the newest answers each time. Only a page that is left cannot wait; the number tells which is newer.
  async function save(isLeaving = false) {
    clearTimeout(timer);
    if (isSaving && !isLeaving) return;
    const body = JSON.stringify(collect(form, root));
    if (body === last) return;
    const mine = ++number;
    isSaving = true;
    const isSaved = await put(body, mine, isLeaving);
    if (mine !== number) return;
    isSaving = false;
    if (isSaved) last = body;
    shown.textContent = say(isSaved ? "已保存" : "没有保存上，网络恢复后会自动再存");
    if (!isStopped && JSON.stringify(collect(form, root)) !== last) timer = setTimeout(save, isSaved ? 0 : PAUSE * 10);
  }

  async function put(body, mine, isLeaving) {
    const headers = { "X-CSRFToken": token, "Content-Type": "application/json", Accept: "application/json", "Draft-Page": opened, "Draft-Saving": String(mine) };
    const answer = await fetch(url, { method: "PUT", body, keepalive: isLeaving, headers }).catch(() => null);
    return Boolean(answer?.ok);
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
  // What is posted is the last of this page; a page that is come back to is another one.
  const stop = () => {
    clearTimeout(timer);
    isStopped = true;
    root.querySelector("[name=draft_page]").value = opened;
  };
  window.addEventListener("pageshow", (event) => {
    if (!event.persisted) return;
    opened = nonce();
    isStopped = false;
  });
  return { stop, soon };
}
