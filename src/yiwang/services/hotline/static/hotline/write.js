// The form for people: the position when they allow it, and what a 举报 must know.
const form = document.querySelector("form[data-write]");
if (form) {
  const hint = form.querySelector("[data-private]");
  form.addEventListener("change", () => {
    hint.hidden = !form.dataset.secret.split(" ").includes(new FormData(form).get("kind"));
  });
  const button = form.querySelector("[data-locate]");
  const said = form.querySelector("[data-located]");
  if (navigator.geolocation) {
    button.hidden = false;
    button.addEventListener("click", () => navigator.geolocation.getCurrentPosition((found) => {
      form.elements.lon.value = found.coords.longitude.toFixed(6);
      form.elements.lat.value = found.coords.latitude.toFixed(6);
      said.textContent = "✓";
    }, () => { said.textContent = "✗"; }));
  }
}
