// Passkeys: what the page asks goes to the browser, what the device answers goes into the form. Without WebAuthn the forms stay hidden.
const asked = document.getElementById("passkey-asked");
const told = document.querySelector("[data-passkey-told]");
let offered = null;

const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
const text = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

function question() {
  const { publicKey } = JSON.parse(asked.textContent);
  const named = (list) => list?.map((each) => ({ ...each, id: bytes(each.id) }));
  const read = { ...publicKey, challenge: bytes(publicKey.challenge) };
  if (publicKey.user) read.user = { ...publicKey.user, id: bytes(publicKey.user.id) };
  if (publicKey.excludeCredentials) read.excludeCredentials = named(publicKey.excludeCredentials);
  if (publicKey.allowCredentials) read.allowCredentials = named(publicKey.allowCredentials);
  return read;
}

function written(credential) {
  const response = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"])
    if (credential.response[name]) response[name] = text(credential.response[name]);
  return JSON.stringify({
    id: credential.id,
    rawId: text(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response,
  });
}

function send(form, credential) {
  form.elements[form.dataset.field ?? "answer"].value = written(credential);
  form.submit();
}

async function answer(event) {
  event.preventDefault();
  const form = event.target;
  told.textContent = "";
  offered?.abort();
  try {
    const publicKey = question();
    const credential =
      form.dataset.passkey === "create"
        ? await navigator.credentials.create({ publicKey })
        : await navigator.credentials.get({ publicKey });
    send(form, credential);
  } catch {
    told.textContent = told.dataset.unavailable;
  }
}

// In the list that the browser offers under the name's field, where it can.
async function offer(form) {
  if (!(await PublicKeyCredential.isConditionalMediationAvailable?.())) return;
  offered = new AbortController();
  const credential = await navigator.credentials
    .get({ publicKey: question(), mediation: "conditional", signal: offered.signal })
    .catch(() => null);
  if (credential) send(form, credential);
}

if (asked && window.PublicKeyCredential)
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", answer);
    if (form.dataset.passkey === "offer") offer(form);
  }
