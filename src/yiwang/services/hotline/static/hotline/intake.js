// Taking a call down: hints while typing, everything by keyboard, and what was typed survives a reload of the tab.
const PAUSE_MS = 350;
const KEPT = "hotline.intake";
const form = document.querySelector("form[data-intake]");
if (form) start(form);

function start(form) {
  const here = form.querySelector("[data-hints-here]");
  const field = (name) => form.elements[name];
  let timer, asked;

  async function ask() {
    asked?.abort();
    asked = new AbortController();
    const fields = new FormData(form);
    try {
      const answer = await fetch(form.dataset.hints, { method: "POST", body: fields, signal: asked.signal });
      if (answer.ok) here.innerHTML = await answer.text();
    } catch (problem) {
      if (problem.name !== "AbortError") throw problem;
    }
  }

  function use(button) {
    const { category, org, answer, place } = button.dataset;
    if (category !== undefined) field("category").value = category;
    if (org) field("org_id").value = org;
    if (answer !== undefined) field("words").value = answer;
    if (place !== undefined) {
      field("place").value = place;
      for (const name of ["lon", "lat", "grid"]) field(name).value = button.dataset[name];
      const region = [...field("region").options].find((one) => one.value && one.value.slice(0, 9) === button.dataset.region.slice(0, 9));
      field("region").value = region ? region.value : "";
    }
    keep();
  }

  function keep() {
    const kept = [...new FormData(form)].filter(([name]) => !["csrfmiddlewaretoken", "once"].includes(name));
    sessionStorage.setItem(KEPT, JSON.stringify(kept));
  }

  function secrecy() {
    const secret = form.dataset.secret.split(" ").includes(new FormData(form).get("kind"));
    form.querySelector("[data-private]").hidden = !secret;
  }

  form.addEventListener("input", (event) => {
    if (event.target.name === "place") for (const name of ["lon", "lat", "grid"]) field(name).value = "";
    keep();
    secrecy();
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE_MS);
  });
  form.addEventListener("submit", () => sessionStorage.removeItem(KEPT));
  here.addEventListener("click", (event) => {
    const button = event.target.closest("button[data-category], button[data-answer], button[data-place]");
    if (button) use(button);
  });
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey && event.key === "Enter") {
      event.preventDefault();
      form.querySelector("button[value=dispatch]").click();
    }
    if (!event.altKey) return;
    const first = { c: "button.hl-use[data-category]", k: "button[data-answer]", p: "button[data-place]" }[event.key];
    const number = Number(event.key);
    if (first) {
      const button = here.querySelector(first);
      if (button) use(button);
    } else if (number >= 1 && number <= 6) {
      form.querySelectorAll("input[name=kind]")[number - 1].checked = true;
      secrecy();
      keep();
    } else return;
    event.preventDefault();
  });

  const kept = sessionStorage.getItem(KEPT);
  if (kept && !field("content").value) {
    for (const [name, value] of JSON.parse(kept)) {
      const input = field(name);
      if (input) input.value = value;
    }
    secrecy();
  }
  if (field("content").value) ask();
}
