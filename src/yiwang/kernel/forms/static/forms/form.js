// A form on a page. What is asked and what is wrong comes from engine.js; here it meets the page.
import { examine, speaker } from "./engine.js";
import { collect, fieldId } from "./answers.js";
import { watchDrafts } from "./drafts.js";
import { watchUploads } from "./uploads.js";
import { watchRepeats } from "./repeats.js";
import { watchKnown } from "./known.js";
import { watchRare } from "./rare.js";
import { Wizard } from "./wizard.js";

const element = document.querySelector("[data-form]");
if (element) start(element);

function start(root) {
  const form = JSON.parse(document.getElementById("form-definition").textContent);
  const say = speaker(form.catalogue);
  const page = { root, form, say, touched: new Set(), examine: () => examine(form, collect(form, root), { known: form.known, today: form.today, say }) };
  page.refresh = () => refresh(page);
  page.wizard = new Wizard(page);
  page.drafts = watchDrafts(page);
  page.uploads = watchUploads(page);
  watchRepeats(page);
  watchKnown(page);
  watchRare(page);
  root.addEventListener("input", () => page.refresh());
  root.addEventListener("change", (event) => touch(page, event.target));
  root.addEventListener("focusout", (event) => touch(page, event.target));
  root.addEventListener("submit", (event) => submit(page, event));
  root.querySelectorAll("[data-error]:not([hidden])").forEach((error) => page.touched.add(error.closest("[data-field]")?.dataset.field));
  page.refresh();
}

function touch(page, target) {
  const path = target.closest("[data-field]")?.dataset.field;
  const isEmpty = target.type === "file" || (target.value === "" && target.type !== "radio");
  // An empty field is not scolded for being passed over; only the button says what is missing.
  if (!path || (isEmpty && !page.touched.has(path))) return;
  page.touched.add(path);
  page.refresh();
}

function refresh(page) {
  const now = page.examine();
  const asked = new Set(now.asked);
  for (const field of page.root.querySelectorAll("[data-field]")) {
    const path = field.dataset.field;
    field.toggleAttribute("data-off", !asked.has(path));
    tell(field, page.touched.has(path) ? now.places[path] : "");
  }
  for (const group of page.form.groups) {
    const section = page.root.querySelector(`[data-group="${group.id}"]`);
    const isOn = now.groups.includes(group.id) && (Boolean(group.repeat) || group.fields.some((field) => asked.has(field.name)));
    section.toggleAttribute("data-off", !isOn);
    page.root.querySelector(`[data-nav="${group.id}"]`).toggleAttribute("data-off", !isOn);
    if (group.repeat) tellGroup(page, group, page.touched.has(group.id) ? now.places[group.id] : "");
  }
  page.wizard.show(now);
  return now;
}

function tell(field, sentence) {
  const error = field.querySelector("[data-error]");
  if (!error) return;
  error.hidden = !sentence;
  error.querySelector("span").textContent = sentence || "";
  field.classList.toggle("has-error", Boolean(sentence));
  field.querySelectorAll("input, select, textarea").forEach((control) => (sentence ? control.setAttribute("aria-invalid", "true") : control.removeAttribute("aria-invalid")));
}

function tellGroup(page, group, sentence) {
  const error = page.root.querySelector(`#${fieldId(group.id)}-error`);
  error.hidden = !sentence;
  error.querySelector("span").textContent = sentence || "";
}

function submit(page, event) {
  const name = event.submitter?.name;
  if (event.submitter?.hasAttribute("formaction") || name === "add" || name === "remove") return;
  if (page.uploads.holds(event)) return;
  const now = page.examine();
  const here = page.wizard.isOn() ? page.wizard.places(now) : now.places;
  Object.keys(here).forEach((path) => page.touched.add(path));
  if (Object.keys(here).length) {
    event.preventDefault();
    page.refresh();
    summarise(page, here);
  } else if (page.wizard.isOn() && !page.wizard.isLast(now)) {
    event.preventDefault();
    page.wizard.step(1);
  } else {
    page.drafts.stop();
  }
}

function summarise(page, places) {
  document.querySelector("[data-errors]")?.remove();
  const box = document.createElement("div");
  box.className = "yw-notice yw-notice-wrong yw-errors mb-3";
  box.tabIndex = -1;
  box.dataset.errors = "";
  box.setAttribute("role", "alert");
  const head = document.createElement("h2");
  head.textContent = page.say("有%(n)d处需要修改", { n: Object.keys(places).length });
  const list = document.createElement("ul");
  for (const [path, sentence] of Object.entries(places)) {
    const link = Object.assign(document.createElement("a"), { href: `#${fieldId(path)}`, textContent: sentence });
    link.addEventListener("click", (event) => lead(page, event, path));
    const item = document.createElement("li");
    item.append(link);
    list.append(item);
  }
  box.append(head, list);
  page.root.before(box);
  box.focus();
  box.scrollIntoView({ block: "start" });
}

function lead(page, event, path) {
  event.preventDefault();
  page.wizard.open(path);
  const target = document.getElementById(fieldId(path));
  const control = target?.matches("fieldset, div") ? target.querySelector("input, select, textarea") || target : target;
  control?.focus();
  control?.scrollIntoView({ block: "center" });
}
