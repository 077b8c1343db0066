// The whole form in the browser: which questions are asked now, and what is wrong. Mirrors kernel/forms/_engine.py.
import { evaluate } from "../rules/evaluate.js";
import { check } from "./checks.js";

const PICKED = ["code", "bool"];

export function examine(form, answers, { known = {}, today, say = plainly }) {
  const out = { cleaned: {}, places: {}, asked: [], groups: [], known };
  const facts = { as_of: today };
  const held = withKnown(form, answers, known);
  const scopes = {};
  for (const group of form.groups) {
    if (!holds(group.when, facts)) continue;
    out.groups.push(group.id);
    if (group.repeat) {
      scopes[group.id] = items(group, held[group.id], facts, out, today, say);
    } else {
      Object.assign(out.cleaned, fields(group, held, facts, "", out, today, say));
      scopes[group.id] = [["", facts]];
    }
  }
  crossCheck(form, scopes, out);
  return out;
}

/** Answers with what registers hold laid over them; `children.0.sex` fills, and if need be makes, the first child. */
function withKnown(form, answers, known) {
  const held = { ...answers };
  for (const [path, value] of Object.entries(known)) {
    const [id, index, name] = path.split(".");
    if (name === undefined) {
      held[path] = value;
      continue;
    }
    const list = (held[id] = Array.isArray(held[id]) ? held[id].map((item) => ({ ...item })) : []);
    while (list.length <= Number(index)) list.push({});
    list[index][name] = value;
  }
  return held;
}

export const holds = (when, facts) => !when || evaluate(when, facts) === true;

function items(group, raw, facts, out, today, say) {
  const given = Array.isArray(raw) ? raw : [];
  const { min, max, noun } = group.repeat;
  if (given.length < min) out.places[group.id] = say("至少填写%(n)d%(noun)s。", { n: min, noun });
  if (given.length > max) out.places[group.id] = say("最多填写%(n)d%(noun)s。", { n: max, noun });
  if (given.length < min || given.length > max) return [];
  out.cleaned[group.id] = [];
  return given.map((item, i) => {
    const scope = { ...facts };
    const prefix = `${group.id}.${i}.`;
    out.cleaned[group.id].push(fields(group, item, scope, prefix, out, today, say));
    return [prefix, scope];
  });
}

function fields(group, given, facts, prefix, out, today, say) {
  const cleaned = {};
  for (const field of group.fields) {
    if (!holds(field.when, facts)) continue;
    const path = prefix + field.name;
    out.asked.push(path);
    const raw = given[field.name];
    // Known, and no condition needs the value: the server keeps it to itself.
    if (path in out.known && out.known[path] === null) continue;
    if (isMissing(raw)) {
      if (field.required || (field.requiredWhen && evaluate(field.requiredWhen, facts) === true)) out.places[path] = missing(field, say);
      continue;
    }
    const result = read(field, raw, today);
    if (result.what) {
      out.places[path] = refusal(field, result, say);
      continue;
    }
    cleaned[field.name] = result.value;
    if (field.type !== "file" && !field.multiple) facts[field.name] = field.type === "datetime" ? result.value.slice(0, 10) : result.value;
  }
  return cleaned;
}

export const isMissing = (raw) => raw === undefined || raw === null || (typeof raw === "string" && raw.trim() === "") || (Array.isArray(raw) && !raw.length);

function missing(field, say) {
  const what = PICKED.includes(field.type) ? "请选择%(label)s。" : field.type === "file" ? "请上传%(label)s。" : "请填写%(label)s。";
  return say(what, { label: field.label });
}

function read(field, raw, today) {
  if (field.type === "file") return files(field, raw);
  if (!field.multiple) return check(field, raw, today);
  const results = (Array.isArray(raw) ? raw : [raw]).map((one) => check(field, one, today));
  return results.find((one) => one.what) || { value: [...new Set(results.map((one) => one.value))] };
}

function files(field, raw) {
  const ids = [...new Set((Array.isArray(raw) ? raw : [raw]).map(Number))];
  if (ids.some((id) => !Number.isInteger(id))) return { sentence: "%(label)s还没有上传。", what: "还没有上传", hint: "请先上传文件。", with: {} };
  if (ids.length > field.files) return { sentence: "%(label)s最多%(n)d个文件。", what: "文件", hint: "请删去多余的文件。", with: { n: field.files } };
  return { value: ids };
}

export function refusal(field, result, say) {
  const values = { ...result.with, label: field.label };
  const told = result.sentence ? say(result.sentence, values) : say("%(label)s%(what)s。", { label: field.label, what: say(result.what, values) });
  return told + (result.hint ? say(result.hint, values) : "");
}

function crossCheck(form, scopes, out) {
  const home = {};
  form.groups.forEach((group) => group.fields.forEach((field) => (home[field.name] = group.id)));
  for (const rule of form.checks) {
    for (const [prefix, facts] of scopes[home[rule.field]] || []) {
      const path = prefix + rule.field;
      if (out.asked.includes(path) && !out.places[path] && evaluate(rule.when, facts) === false) out.places[path] = rule.sentence;
    }
  }
}

// Fill a msgid's placeholders; with a catalogue, in the reader's language.
export const speaker = (catalogue) => (msgid, values) => plainly(catalogue[msgid] || msgid, values);

export function plainly(text, values = {}) {
  return text.replace(/%\((\w+)\)[ds]/g, (all, name) => String(values[name] ?? "")).replaceAll("%%", "%");
}
