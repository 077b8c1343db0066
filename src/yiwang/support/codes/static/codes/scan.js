// The scanner's page: what is read goes into the field and is sent.
import { wire } from "./scanner.js";

const form = document.querySelector("[data-scan]");
wire(form.querySelector("[data-scanner]"), (text) => {
  form.elements.text.value = text;
  form.requestSubmit();
});
