// 亮码办事: the declared values of a scanned code go into the fields of the form around it.
import { wire } from "./scanner.js";

const box = document.querySelector("[data-fill]");
const form = box.closest("form");
const typed = box.querySelector("[data-text]");
const told = box.querySelector("[data-told]");

async function take(text) {
  typed.value = "";
  const answer = await fetch(box.dataset.url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": form.elements.csrfmiddlewaretoken.value },
    body: JSON.stringify({ scene: box.dataset.scene, text }),
  }).catch(() => null);
  const seen = answer && (await answer.json().catch(() => null));
  if (!answer?.ok || !seen) {
    told.textContent = seen?.detail ? `${seen.detail}${seen.hint ?? ""}` : "没有填入，请再扫一次。";
    return;
  }
  if (form.elements.kind) form.elements.kind.value = seen.kind === 2 ? "firm" : "person";
  for (const [name, value] of Object.entries(seen.fills)) if (form.elements[name]) form.elements[name].value = value;
  told.textContent = `已填入：${seen.values.map((each) => each.title).join("、")}。本次扫码已记录，持码人看得到。`;
}

wire(box.querySelector("[data-scanner]"), take);
typed.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  event.preventDefault();
  if (typed.value.trim()) take(typed.value);
});
