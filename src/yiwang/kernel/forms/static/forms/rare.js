// Rare characters: found by their parts in a small table; where no code exists, the description itself is kept.
import { isWellDescribed } from "./checks.js";

const SHAPES = "⿰⿱⿴⿵⿶⿷⿸⿹⿺⿻⿲⿳";
const SHOWN_MAX = 40;

/** Characters whose parts include all that was typed; typing ⿰王亢 or 王亢 or U+2C35B. */
export function candidates(table, typed) {
  const text = typed.trim();
  const code = /^(?:U\+|0x)?([0-9a-f]{4,6})$/i.exec(text);
  if (code && parseInt(code[1], 16) >= 0x3400 && parseInt(code[1], 16) <= 0x3ffff) return [[String.fromCodePoint(parseInt(code[1], 16)), ""]];
  const parts = [...text].filter((sign) => !/\s/.test(sign));
  if (!parts.length) return [];
  return Object.entries(table)
    .filter(([sign, ids]) => sign === text || parts.every((part) => ids.includes(part)))
    .slice(0, SHOWN_MAX);
}

export function watchRare(page) {
  const dialog = document.querySelector("[data-rare-dialog]");
  if (!dialog?.showModal) return;
  const typed = dialog.querySelector("#rare-parts");
  const list = dialog.querySelector("[data-candidates]");
  let table = null;
  let missing = "";
  let target = null;

  const reveal = (scope) => scope.querySelectorAll("[data-rare]").forEach((button) => (button.hidden = false));
  reveal(page.root);
  page.root.addEventListener("item-added", (event) => reveal(event.target));

  page.root.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-rare]");
    if (!button) return;
    target = document.getElementById(button.dataset.rare);
    typed.value = "";
    list.replaceChildren();
    dialog.showModal();
    missing = "正在打开字库…";
    table ??= await load();
    missing = "字库暂时打不开。请关闭后再试，或直接用上面的写法。";
    show();
  });
  dialog.querySelector("[data-close]").addEventListener("click", () => dialog.close());
  dialog.querySelector("[data-shapes]").append(...[...SHAPES].map((shape) => sign(shape, "", () => insert(typed, shape))));
  typed.addEventListener("input", () => show());

  function show() {
    const text = typed.value.trim();
    const found = table ? candidates(table, text) : [];
    const buttons = found.map(([character, ids]) => sign(character, ids, () => choose(character)));
    const isDescribed = SHAPES.includes([...text][0] || "-") && isWellDescribed(text);
    if (isDescribed && ![...found].some(([, ids]) => ids === text)) buttons.push(sign(text, page.say("用这个写法"), () => choose(text)));
    if (text && !buttons.length) return say(table ? "没有找到。请换一个部件，或直接用上面的写法。" : missing);
    list.replaceChildren(...buttons);
  }

  function say(words) {
    list.replaceChildren(Object.assign(document.createElement("p"), { className: "yw-soft", textContent: page.say(words) }));
  }

  function choose(character) {
    insert(target, character);
    dialog.close();
    target.focus();
  }
}

/** The table, or null when it cannot be had now: opening the dialog again asks again. */
async function load() {
  const answer = await fetch(new URL("./rare.json", import.meta.url)).catch(() => null);
  return answer?.ok ? answer.json().catch(() => null) : null;
}

function sign(character, note, act) {
  const button = Object.assign(document.createElement("button"), { type: "button", textContent: character });
  if (note) button.append(Object.assign(document.createElement("small"), { textContent: note }));
  button.addEventListener("click", act);
  return button;
}

function insert(input, text) {
  const at = input.selectionStart ?? input.value.length;
  input.setRangeText(text, at, input.selectionEnd ?? at, "end");
  input.dispatchEvent(new Event("input", { bubbles: true }));
  input.dispatchEvent(new Event("change", { bubbles: true }));
  input.focus();
}
