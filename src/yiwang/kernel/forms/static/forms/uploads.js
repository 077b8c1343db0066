// Uploads go at once, one after another, with progress; the form then only carries their numbers.
const SIZE_MAX = 20 * 1024 * 1024;

export function watchUploads(page) {
  const { root } = page;
  const hasCamera = window.matchMedia("(pointer: coarse)").matches;
  const queue = new Queue(page);
  const prepare = (scope) => {
    scope.querySelectorAll("[data-camera]").forEach((each) => (each.hidden = !hasCamera));
    // The numbers of stored files are sent, not the files a second time.
    scope.querySelectorAll("input[type=file][name]").forEach((each) => each.removeAttribute("name"));
    scope.querySelectorAll(".yw-file-drop").forEach((each) => each.replaceWith(dropButton(page)));
    scope.querySelectorAll("[data-upload-stop]").forEach((each) => each.addEventListener("click", () => queue.stop(each.closest("[data-field]"))));
  };
  prepare(root);
  root.addEventListener("item-added", (event) => prepare(event.target));
  root.addEventListener("change", (event) => {
    if (!event.target.matches("input[type=file]")) return;
    for (const file of event.target.files) queue.add(event.target, file);
    event.target.value = "";
  });
  return queue;
}

/** What is being uploaded, and a form that waits for it: what was chosen is never left out of what is sent. */
class Queue {
  constructor(page) {
    this.page = page;
    this.waiting = [];
    this.held = null;
  }

  add(input, file) {
    const entry = { input, file, field: input.closest("[data-field]") };
    if (file.size > SIZE_MAX) return refuse(this.page, entry.field, this.page.say("文件超过20MB。"));
    this.waiting.push(entry);
    show(entry.field, 0);
    if (this.waiting.length === 1) this.run();
  }

  async run() {
    const wrong = [];
    while (this.waiting.length) {
      const entry = this.waiting[0];
      const answer = await post(this.page, entry);
      this.waiting = this.waiting.filter((each) => each !== entry);
      if (!this.waiting.some((each) => each.field === entry.field)) hide(entry.field);
      if (answer.id) add(this.page, entry.field, answer);
      else wrong.push([entry.field, entry.isStopped ? "" : answer.detail ? answer.detail + (answer.hint || "") : this.page.say("上传失败，请重试。")]);
      // Said again after each: a file that came through must not hide that another did not.
      wrong.forEach(([field, sentence]) => sentence && refuse(this.page, field, sentence));
    }
    this.release(!wrong.length);
  }

  stop(field) {
    const mine = this.waiting.filter((each) => each.field === field);
    mine.forEach((each) => (each.isStopped = true));
    this.waiting = this.waiting.filter((each) => !each.isStopped || each === this.waiting[0]);
    mine.forEach((each) => each.request?.abort());
  }

  /** Keep a submit until the uploads are over; whether it is kept. */
  holds(event) {
    if (!this.waiting.length) return false;
    event.preventDefault();
    this.held ??= { submitter: event.submitter };
    this.page.wizard.wait(true);
    return true;
  }

  release(isWhole) {
    if (!this.held) return;
    const { submitter } = this.held;
    this.held = null;
    this.page.wizard.wait(false);
    // Whoever gave an upload up, or lost one, looks again before the form goes.
    if (isWhole) this.page.root.requestSubmit(submitter);
  }
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

function show(field, done) {
  const bar = field.querySelector("progress");
  bar.hidden = false;
  bar.value = done;
  field.querySelector("[data-upload-stop]").hidden = false;
}

function hide(field) {
  field.querySelector("progress").hidden = true;
  field.querySelector("[data-upload-stop]").hidden = true;
}

function post(page, entry) {
  return new Promise((resolve) => {
    const request = (entry.request = new XMLHttpRequest());
    const body = new FormData();
    body.append("field", entry.input.dataset.upload);
    body.append("file", entry.file);
    request.open("POST", page.root.dataset.filesUrl);
    request.setRequestHeader("X-CSRFToken", page.root.querySelector("[name=csrfmiddlewaretoken]").value);
    request.setRequestHeader("Accept", "application/json");
    request.upload.addEventListener("progress", (event) => event.lengthComputable && show(entry.field, (event.loaded / event.total) * 100));
    request.addEventListener("loadend", () => {
      try {
        resolve(entry.isStopped ? {} : JSON.parse(request.responseText));
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
