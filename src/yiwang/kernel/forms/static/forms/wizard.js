// One group per screen on phones, with progress; on a wide page the list of steps at the left.
const NARROW = window.matchMedia("(max-width: 640px)");

export class Wizard {
  constructor(page) {
    this.page = page;
    this.at = 0;
    this.root = page.root;
    this.root.classList.add("is-wizard");
    this.back = this.root.querySelector("[data-back]");
    this.next = this.root.querySelector("[data-next]");
    this.back.addEventListener("click", () => this.step(-1));
    NARROW.addEventListener("change", () => page.refresh());
    window.addEventListener("hashchange", () => this.fromAddress());
    this.fromAddress();
  }

  isOn() {
    return NARROW.matches;
  }

  groups() {
    return [...this.root.querySelectorAll("[data-group]:not([data-off])")];
  }

  isLast() {
    return this.at >= this.groups().length - 1;
  }

  /** What is wrong on the screen that is open. */
  places(now) {
    const id = this.groups()[this.at]?.dataset.group;
    return Object.fromEntries(Object.entries(now.places).filter(([path]) => this.groupOf(path) === id));
  }

  groupOf(path) {
    const name = path.split(".")[0];
    return this.page.form.groups.find((group) => group.id === name || group.fields.some((field) => field.name === name))?.id;
  }

  step(by) {
    this.at = Math.max(0, Math.min(this.groups().length - 1, this.at + by));
    document.querySelector("[data-errors]")?.remove();
    this.page.refresh();
    const shown = this.groups()[this.at];
    history.replaceState(null, "", `#${shown.id}`);
    window.scrollTo(0, 0);
    shown.focus({ preventScroll: true });
  }

  open(path) {
    const id = this.groupOf(path);
    const at = this.groups().findIndex((group) => group.dataset.group === id);
    if (at >= 0) this.at = at;
    this.page.refresh();
  }

  fromAddress() {
    const at = this.groups().findIndex((group) => `#${group.id}` === location.hash);
    if (at >= 0) this.at = at;
  }

  show(now) {
    const groups = this.groups();
    this.at = Math.min(this.at, groups.length - 1);
    this.root.querySelectorAll("[data-group]").forEach((group) => group.classList.toggle("is-current", group === groups[this.at]));
    this.root.classList.toggle("is-first", this.at === 0);
    this.steps(now);
    const progress = this.root.querySelector("[data-progress]");
    progress.hidden = !this.isOn();
    this.back.hidden = !this.isOn() || this.at === 0;
    this.name();
    if (!this.isOn()) return;
    progress.querySelector("[data-progress-step]").textContent = this.page.say("第%(n)d步，共%(of)d步", { n: this.at + 1, of: groups.length });
    progress.querySelector("[data-progress-title]").textContent = groups[this.at].querySelector("h2").textContent;
    progress.querySelector("[data-progress-bar]").style.transform = `scaleX(${(this.at + 1) / groups.length})`;
  }

  /** While uploads run, the button says what it waits for. */
  wait(isWaiting) {
    if (isWaiting) this.next.setAttribute("aria-busy", "true");
    else this.next.removeAttribute("aria-busy");
    this.name();
  }

  name() {
    const last = this.next.dataset.onward || this.page.say("核对并提交");
    const what = this.isOn() && !this.isLast() ? this.page.say("下一步") : last;
    this.next.textContent = this.next.hasAttribute("aria-busy") ? this.page.say("正在上传，传完自动继续") : what;
  }

  steps(now) {
    const wrong = new Set(Object.keys(now.places).map((path) => this.groupOf(path)));
    const touched = new Set([...this.page.touched].filter(Boolean).map((path) => this.groupOf(path)));
    for (const entry of this.root.querySelectorAll("[data-nav]")) {
      const id = entry.dataset.nav;
      const isWrong = wrong.has(id) && [...this.page.touched].some((path) => path && this.groupOf(path) === id && now.places[path]);
      entry.classList.toggle("is-wrong", isWrong);
      entry.classList.toggle("is-done", !wrong.has(id) && (touched.has(id) || this.isKnown(id)));
    }
  }

  isKnown(id) {
    const fields = [...this.root.querySelectorAll(`[data-group="${id}"] [data-field]:not([data-off])`)];
    return fields.length > 0 && fields.every((field) => field.hasAttribute("data-known"));
  }
}
