// A report in three taps: photo, kind, send. It is kept on the phone first, and sent from there once: the same key again changes nothing.
import * as store from "./drafts.js";

const form = document.querySelector("[data-report]");
const place = form.querySelector("[data-place-words]");
const said = document.querySelector("[data-said]");
const EDGE = 1600;
const FIELDS = ["type_key", "lon", "lat", "seen_at", "place", "words", "is_self_handled", "component", "joins"];
let taken = { photos: [], photos_after: [] };

function tell(words, isWrong = false) {
  said.textContent = words;
  said.hidden = false;
  said.classList.toggle("yw-notice-wrong", isWrong);
}

async function smaller(file) {
  try {
    const picture = await createImageBitmap(file);
    const scale = Math.min(1, EDGE / Math.max(picture.width, picture.height));
    if (scale === 1 && file.size < 1_500_000) return file;
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [Math.round(picture.width * scale), Math.round(picture.height * scale)];
    canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
    return await new Promise((done) => canvas.toBlob((made) => done(made || file), "image/jpeg", 0.82));
  } catch {
    return file; // the server says what is wrong with it
  }
}

function shown(blob, alt) {
  const image = document.createElement("img");
  image.src = URL.createObjectURL(blob);
  image.alt = alt;
  image.onload = () => URL.revokeObjectURL(image.src);
  return image;
}

async function take(input) {
  taken[input.name] = await Promise.all([...input.files].map(smaller));
  if (input.name === "photos") {
    form.querySelector("[data-shots]").replaceChildren(...taken.photos.map((each, n) => shown(each, `现场照片${n + 1}`)));
    form.elements.seen_at.value = new Date().toISOString();
  }
}

async function locate({ coords }) {
  form.elements.lon.value = coords.longitude.toFixed(6);
  form.elements.lat.value = coords.latitude.toFixed(6);
  place.textContent = `已取得位置，误差约${Math.round(coords.accuracy)}米`;
  try {
    const answer = await fetch(`${form.dataset.at}?lon=${form.elements.lon.value}&lat=${form.elements.lat.value}`);
    const { grid } = await answer.json();
    place.textContent = grid ? `${grid.name}（${grid.code}），误差约${Math.round(coords.accuracy)}米` : "这里不在任何网格里，请在“补充”里选择网格";
  } catch {
    place.textContent += "，有网络后确认网格";
  }
  alike();
}

// Shown, never decided: whoever reports says whether it is the same.
async function alike() {
  const note = form.querySelector("[data-alike-said]");
  const kind = form.querySelector("[name=type]:checked")?.value;
  form.elements.joins.value = "";
  note.hidden = true;
  if (!kind || !form.elements.lon.value || !navigator.onLine) return;
  try {
    const answer = await fetch(`${form.dataset.alike}?${new URLSearchParams({ type_key: kind, lon: form.elements.lon.value, lat: form.elements.lat.value })}`);
    const [nearest] = answer.ok ? await answer.json() : [];
    if (!nearest) return;
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-sm";
    button.textContent = "就是这一件";
    button.onclick = () => {
      form.elements.joins.value = nearest.incident.code;
      note.textContent = `将并入：${nearest.incident.title}`;
    };
    note.replaceChildren(`${nearest.metres}米外已有人报过“${nearest.incident.title}”。 `, button);
    note.hidden = false;
  } catch {
    // no hint without a network
  }
}

function draft() {
  const values = form.elements;
  const grid = values.grid.value;
  return {
    key: crypto.randomUUID(),
    name: form.querySelector("[name=type]:checked").nextElementSibling.textContent,
    made_at: new Date().toISOString(),
    grid,
    fields: {
      type_key: values.type.value,
      lon: values.lon.value,
      lat: values.lat.value,
      seen_at: values.seen_at.value || new Date().toISOString(),
      place: values.place.value.trim(),
      words: values.words.value.trim(),
      is_self_handled: values.self_handled.checked ? "true" : "false",
      component: values.component.value.trim(),
      joins: values.joins.value,
    },
    photos: taken.photos,
    photos_after: taken.photos_after,
    wrong: "",
  };
}

function body(each) {
  const data = new FormData();
  for (const name of FIELDS) if (each.fields[name]) data.append(name, each.fields[name]);
  for (const name of ["photos", "photos_after"]) each[name].forEach((blob, n) => data.append(name, blob, `${name}-${n + 1}.jpg`));
  return data;
}

async function post(each) {
  const who = await (await fetch(form.dataset.whoami)).json();
  if (!who.account_id) return { state: "signed-out" };
  const headers = { "X-CSRFToken": who.csrf_token, "Idempotency-Key": each.key };
  const answer = await fetch(form.dataset.send, { method: "POST", body: body(each), headers });
  const found = await answer.json();
  if (answer.ok) return { state: "sent", found };
  // Later may help against these; against the others nothing does but a person.
  if ([401, 408, 425, 429].includes(answer.status) || answer.status >= 500) return { state: "later" };
  return { state: "wrong", words: [...(found.places || []).map((one) => one.message), found.hint].join("") || found.detail };
}

async function flush() {
  await navigator.locks.request("yiwang-grid", async () => {
    for (const each of await store.all()) {
      if (each.wrong) continue;
      let done;
      try {
        done = await post(each);
      } catch {
        break; // no network
      }
      if (done.state === "sent") {
        await store.remove(each.key);
        tell(`${done.found.is_merged ? "已并入同一事件" : "已上报"}：${done.found.title}（${done.found.code}）`);
      } else if (done.state === "wrong") {
        await store.save({ ...each, wrong: done.words });
      } else if (done.state === "signed-out") {
        tell("登录已过期，请重新登录后发送，草稿还在手机上。", true);
        break;
      } else break;
    }
  });
  await list();
}

async function list() {
  const kept = await store.all();
  const section = document.querySelector("[data-unsent]");
  section.hidden = kept.length === 0;
  section.querySelector("h2").textContent = `还没有发出（${kept.length}件）`;
  section.querySelector("[data-unsent-list]").replaceChildren(...kept.map(line));
}

function line(each) {
  const item = document.createElement("li");
  const words = document.createElement("span");
  words.textContent = `${each.name}，${new Date(each.made_at).toLocaleString("zh-CN")}${each.wrong ? `：${each.wrong}` : ""}`;
  const drop = document.createElement("button");
  drop.type = "button";
  drop.className = "btn btn-sm";
  drop.textContent = "删除";
  drop.onclick = async () => {
    if (!confirm("删除后不能找回，确定删除这件还没有发出的上报吗？")) return;
    await store.remove(each.key);
    await list();
  };
  item.append(...each.photos.slice(0, 1).map((photo) => shown(photo, "")), words, drop);
  return item;
}

async function submit(event) {
  event.preventDefault();
  const each = draft();
  if (!each.fields.lon && !each.grid) return tell("还没有位置：请允许定位，或在“补充”里选择网格。", true);
  if (!each.fields.lon) return form.submit();
  await store.save(each);
  taken = { photos: [], photos_after: [] };
  const { lon, lat } = each.fields;
  form.reset();
  [form.elements.lon.value, form.elements.lat.value] = [lon, lat];
  form.querySelector("[data-shots]").replaceChildren();
  form.querySelector("[data-alike-said]").hidden = true;
  tell("已存在手机上，正在发送。");
  await list();
  await flush();
  if ((await store.all()).some((one) => one.key === each.key && !one.wrong)) tell("没有网络：已存在手机上，有网络时自动发出。");
}

async function keepPage() {
  if (!("serviceWorker" in navigator)) return;
  const registered = await navigator.serviceWorker.register(form.dataset.worker);
  await navigator.serviceWorker.ready;
  const made = performance.getEntriesByType("resource").map((each) => each.name);
  const own = made.filter((name) => new URL(name).pathname.startsWith("/static/"));
  registered.active.postMessage({ keep: [...new Set([form.dataset.page, ...own])] });
}

form.addEventListener("submit", submit);
for (const input of form.querySelectorAll("input[type=file]")) input.addEventListener("change", () => take(input));
form.querySelector("[data-types]").addEventListener("change", alike);
document.querySelector("[data-send-now]").addEventListener("click", flush);
window.addEventListener("online", flush);
document.querySelector(".yw-rail-who form")?.addEventListener("submit", async (event) => {
  const leaving = event.currentTarget;
  event.preventDefault();
  if ((await store.all()).length === 0 || confirm("还有没发出的上报，退出会把它们从手机上清掉。确定退出吗？")) leaving.submit();
});
if (navigator.geolocation) {
  navigator.geolocation.watchPosition(locate, () => (place.textContent = "没有取得位置，请允许定位，或在“补充”里选择网格"), { enableHighAccuracy: true, timeout: 15000, maximumAge: 10000 });
} else place.textContent = "这台设备不能定位，请在“补充”里选择网格";
keepPage().catch(() => {}); // without it the page needs a network to open; drafts are kept all the same
flush();
form.dataset.state = "ready";
