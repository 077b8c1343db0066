// Groups that repeat: one more, one fewer, numbers and names kept in order.
import { itemsOf } from "./answers.js";

export function watchRepeats(page) {
  page.root.addEventListener("click", (event) => {
    const add = event.target.closest("[data-add]");
    const remove = event.target.closest("[data-remove]");
    if (!add && !remove) return;
    event.preventDefault();
    const group = event.target.closest("[data-group]").dataset.group;
    if (add) append(page, group);
    else event.target.closest("[data-item]").remove();
    renumber(page, group);
    page.refresh();
    page.drafts.soon?.();
  });
  page.form.groups.filter((group) => group.repeat).forEach((group) => renumber(page, group.id));
}

function append(page, group) {
  const section = page.root.querySelector(`[data-group="${group}"]`);
  const blank = section.querySelector("[data-blank]").content.cloneNode(true);
  const item = blank.querySelector("[data-item]");
  section.querySelector("[data-items]").append(blank);
  renumber(page, group);
  item.dispatchEvent(new CustomEvent("item-added", { bubbles: true }));
  item.querySelector("input:not([type=hidden]), select, textarea")?.focus();
}

function renumber(page, group) {
  const items = itemsOf(page.root, group);
  const { min, max } = page.form.groups.find((each) => each.id === group).repeat;
  items.forEach((item, i) => {
    rename(item, item.dataset.item, `${group}.${i}`);
    item.querySelector("[data-number]").textContent = i + 1;
    // What a register lists is not struck out here; an objection is the way.
    item.querySelector("[data-remove]").hidden = items.length <= min || Boolean(item.querySelector("[data-known]"));
  });
  page.root.querySelector(`[data-group="${group}"] [data-add]`).hidden = items.length >= max;
}

const NAMES = ["name", "id", "for", "data-field", "data-item", "data-upload", "data-rare", "value", "aria-describedby"];

function rename(item, from, to) {
  if (from === to) return;
  const dashed = (path) => path.replace(/[._]/g, "-");
  for (const each of [item, ...item.querySelectorAll("*")]) {
    for (const name of NAMES) {
      const value = each.getAttribute(name);
      if (!value || (name === "value" && !each.matches("[data-remove]"))) continue;
      if (value.startsWith(from)) each.setAttribute(name, value.replace(from, to));
      else if (value.includes(`f-${dashed(from)}-`)) each.setAttribute(name, value.replaceAll(`f-${dashed(from)}-`, `f-${dashed(to)}-`));
    }
  }
}
