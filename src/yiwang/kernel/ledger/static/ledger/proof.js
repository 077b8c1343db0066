// Shows a ledger proof being checked, step by step.
import { canCheck, checkProof } from "./check.js";

const box = document.querySelector("[data-proof]");
const read = (id) => JSON.parse(document.getElementById(id).textContent);
const show = (element, is = true) => element && (element.hidden = !is);
const breath = () => new Promise((resolve) => setTimeout(resolve, matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250));

async function run() {
  const proof = read("ledger-proof");
  for (const verdict of box.querySelectorAll("[data-verdict]")) show(verdict, false);
  if (!canCheck(proof)) return show(box.querySelector("[data-verdict=unable]"));
  const steps = await checkProof(proof, read("ledger-expected")).catch(() => ({ content: false, claims: false, path: false, signature: false, digests: {} }));
  const list = box.querySelector("[data-proof-steps]");
  show(list);
  for (const item of list.children) item.className = "";
  for (const item of list.children) {
    const found = steps[item.dataset.step];
    await breath();
    item.className = found === null ? "" : found ? "is-done" : "is-wrong";
    show(item.querySelector("[data-unsupported]"), found === null);
    const digest = item.querySelector("[data-digest]");
    if (digest) digest.textContent = steps.digests[item.dataset.step] ?? "";
  }
  const wrong = ["content", "claims", "path", "signature"].some((name) => steps[name] === false);
  show(box.querySelector(`[data-verdict=${wrong ? "wrong" : "sound"}]`));
}

if (box) {
  const button = box.querySelector("[data-proof-check]");
  show(button);
  button.addEventListener("click", run);
  if ("proofOpen" in box.dataset) run();
}
