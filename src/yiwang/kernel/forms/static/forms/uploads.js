// Uploads go at once, with progress; the form then only carries their numbers.
const SIZE_MAX = 20 * 1024 * 1024;

export function watchUploads(page) {
  const { root } = page;
  const hasCamera = window.matchMedia("(pointer: coarse)").matches;
  const prepare = (scope) => {
    scope.querySelectorAll("[data-camera]").forEach((each) => (each.hidden = !hasCamera));
    // The numbers of stored files are sent, not the files a second time.
    scope.querySelectorAll("input[type=file][name]").forEach((each) => each.removeAttribute("name"));
    scope.querySelectorAll(".yw-file-drop").forEach((each) => each.replaceWith(dropButton(page)));
  };
  prepare(root);
  root.addEventListener("item-added", (event) => prepare(event.target));
  root.addEventListener("change", async (event) => {
    if (!event.target.matches("input[type=file]")) return;
    for (const file of event.target.files) await send(page, event.target, file);
    event.target.value = "";
  });
}

function dropButton(page) {
  const button = Object.assign(document.createElement("button"), { type: "button", className: "btn btn-sm", textContent: page.say("删除") });
  button.addEventListener("click", () => {
    button.closest("li").remove();
    page.refresh();
    page.drafts.soon?.();
  });
  return button;
}

async function send(page, input, file) {
  const field = input.closest("[data-field]");
  const bar = field.querySelector("progress");
  if (file.size > SIZE_MAX) return refuse(page, field, page.say("文件超过20MB。"));
  bar.hidden = false;
  const answer = await post(page, input.dataset.upload, file, (done) => (bar.value = done));
  bar.hidden = true;
  if (answer.id) add(page, field, answer);
  else refuse(page, field, answer.detail ? answer.detail + (answer.hint || "") : page.say("上传失败，请重试。"));
}

function post(page, path, file, progress) {
  return new Promise((resolve) => {
    const request = new XMLHttpRequest();
    const body = new FormData();
    body.append("field", path);
    body.append("file", file);
    request.open("POST", page.root.dataset.filesUrl);
    request.setRequestHeader("X-CSRFToken", page.root.querySelector("[name=csrfmiddlewaretoken]").value);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => event.lengthComputable && progress((event.loaded / event.total) * 100));
    request.addEventListener("loadend", () => {
      try {
        resolve(JSON.parse(request.responseText));
      } catch {
        resolve({});
      }
    });
    request.send(body);
  });
}

function add(page, field, file) {
  const path = field.dataset.field;
  const list = field.querySelector("[data-files]");
  if (!field.querySelector("input[type=file]").multiple) list.replaceChildren();
  const item = document.createElement("li");
  item.append(Object.assign(document.createElement("input"), { type: "hidden", name: path, value: file.id }));
  if (file.is_image) item.append(Object.assign(document.createElement("img"), { src: `/forms/files/${file.id}`, alt: "", width: 72, height: 72 }));
  item.append(Object.assign(document.createElement("a"), { href: `/forms/files/${file.id}`, target: "_blank", rel: "noopener", textContent: file.filename }), dropButton(page));
  list.append(item);
  page.touched.add(path);
  page.refresh();
  page.drafts.soon?.();
}

function refuse(page, field, sentence) {
  const error = field.querySelector("[data-error]");
  error.hidden = false;
  error.querySelector("span").textContent = sentence;
  field.classList.add("has-error");
}
