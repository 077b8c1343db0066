// Evaluates the tree of Expression.as_json() over a form's answers, as kernel/rules/_closures.py does: three-valued,
// exact (numbers are scaled BigInts), dates as days. null is unknown.

/** The value of `node` over `facts`: true, false, a number {n, scale}, a day {day}, a text, or null when unknown. */
export function evaluate(node, facts) {
  return operations[node.op](node, facts);
}

/** Whether a condition holds; unknown counts as not. */
export function holds(node, facts) {
  return evaluate(node, facts) === true;
}

/** The facts that the tree names. */
export function factsOf(node) {
  if (node.op === "fact") return [node.value];
  return [...new Set((node.args || []).flatMap(factsOf))];
}

/** A value as text: what a test compares, or a page shows. */
export function spoken(value) {
  if (value === null || typeof value !== "object") return value;
  if ("day" in value) return new Date(value.day * DAY).toISOString().slice(0, 10);
  const digits = String(value.n < 0n ? -value.n : value.n).padStart(value.scale + 1, "0");
  const cut = digits.length - value.scale;
  const part = digits.slice(cut).replace(/0+$/, "");
  return (value.n < 0n ? "-" : "") + digits.slice(0, cut) + (part ? "." + part : "");
}

const DAY = 86400000;

const operations = {
  literal: (node) => (node.value === null ? null : read[node.type](node.value)),
  fact: (node, facts) => {
    const value = Object.hasOwn(facts, node.value) ? facts[node.value] : null;
    return value === null || value === undefined || value === "" ? null : read[node.type](value);
  },
  and: (node, facts) => settled(node, facts, false),
  or: (node, facts) => settled(node, facts, true),
  not: (node, facts) => one(node, facts, (value) => !value),
  in: (node, facts) =>
    one(node, facts, (value) => node.args.slice(1).some((item) => compare(value, evaluate(item, facts)) === 0)),
  "is-null": (node, facts) => evaluate(node.args[0], facts) === null,
  coalesce: (node, facts) => {
    for (const arg of node.args) {
      const value = evaluate(arg, facts);
      if (value !== null) return value;
    }
    return null;
  },
  case: (node, facts) => {
    const last = node.args.length - 1;
    for (let index = 0; index < last; index += 2) {
      if (evaluate(node.args[index], facts) === true) return evaluate(node.args[index + 1], facts);
    }
    return evaluate(node.args[last], facts);
  },
  len: (node, facts) => one(node, facts, (value) => whole([...value].length)),
  neg: (node, facts) => one(node, facts, (value) => ({ n: -value.n, scale: value.scale })),
  "=": (node, facts) => two(node, facts, (a, b) => compare(a, b) === 0),
  "<>": (node, facts) => two(node, facts, (a, b) => compare(a, b) !== 0),
  "<": (node, facts) => two(node, facts, (a, b) => compare(a, b) < 0),
  "<=": (node, facts) => two(node, facts, (a, b) => compare(a, b) <= 0),
  ">": (node, facts) => two(node, facts, (a, b) => compare(a, b) > 0),
  ">=": (node, facts) => two(node, facts, (a, b) => compare(a, b) >= 0),
  "+": (node, facts) => two(node, facts, (a, b) => sum(a, b, 1n)),
  "-": (node, facts) => two(node, facts, (a, b) => sum(a, b, -1n)),
  "*": (node, facts) => two(node, facts, (a, b) => ({ n: a.n * b.n, scale: a.scale + b.scale })),
  least: (node, facts) => all(node, facts, (a, b) => (compare(a, b) <= 0 ? a : b)),
  greatest: (node, facts) => all(node, facts, (a, b) => (compare(a, b) >= 0 ? a : b)),
  div: (node, facts) => two(node, facts, (a, b) => quotient(a, b, Number(node.args[2].value), node.args[3].value)),
  years_between: (node, facts) => two(node, facts, (a, b) => whole(yearsBetween(a.day, b.day))),
  days_between: (node, facts) => two(node, facts, (a, b) => whole(b.day - a.day)),
};

function settled(node, facts, by) {
  let answer = !by;
  for (const arg of node.args) {
    const value = evaluate(arg, facts);
    if (value === by) return by;
    if (value === null) answer = null;
  }
  return answer;
}

function one(node, facts, operate) {
  const value = evaluate(node.args[0], facts);
  return value === null ? null : operate(value);
}

function two(node, facts, operate) {
  const a = evaluate(node.args[0], facts);
  if (a === null) return null;
  const b = evaluate(node.args[1], facts);
  return b === null ? null : operate(a, b);
}

function all(node, facts, choose) {
  const values = node.args.map((arg) => evaluate(arg, facts));
  return values.includes(null) ? null : values.reduce(choose);
}

// a / b to so many places: down (towards zero), up (away from it) or half-up; unknown when b is 0.
function quotient(a, b, places, rounding) {
  if (b.n === 0n) return null;
  const size = (n) => (n < 0n ? -n : n);
  const top = size(a.n) * 10n ** BigInt(b.scale + places);
  const bottom = size(b.n) * 10n ** BigInt(a.scale);
  const n = { down: top / bottom, up: (top + bottom - 1n) / bottom, "half-up": (2n * top + bottom) / (2n * bottom) }[rounding];
  return { n: a.n < 0n === b.n < 0n ? n : -n, scale: places };
}

function compare(a, b) {
  if (typeof a !== "object") return a === b ? 0 : a < b ? -1 : 1;
  if ("day" in a) return Math.sign(a.day - b.day);
  const [x, y] = aligned(a, b);
  return x === y ? 0 : x < y ? -1 : 1;
}

function sum(a, b, sign) {
  const [x, y] = aligned(a, b);
  return { n: x + sign * y, scale: Math.max(a.scale, b.scale) };
}

function aligned(a, b) {
  const scale = Math.max(a.scale, b.scale);
  return [a.n * 10n ** BigInt(scale - a.scale), b.n * 10n ** BigInt(scale - b.scale)];
}

function whole(value) {
  return { n: BigInt(value), scale: 0 };
}

// A year ends on the corresponding day, and where the month has none, on its last day (Civil Code art. 202).
function yearsBetween(a, b) {
  if (b < a) return -yearsBetween(b, a);
  const [from, to] = [new Date(a * DAY), new Date(b * DAY)];
  const year = to.getUTCFullYear();
  let anniversary = dayOf(year, from.getUTCMonth() + 1, from.getUTCDate());
  if (anniversary === null) anniversary = dayOf(year, 2, 28);
  return year - from.getUTCFullYear() - (anniversary > b ? 1 : 0);
}

function dayOf(year, month, day) {
  const moment = new Date(0);
  moment.setUTCFullYear(year, month - 1, day);
  return year > 0 && moment.getUTCMonth() === month - 1 && moment.getUTCDate() === day ? moment.getTime() / DAY : null;
}

// Answers as a form holds them; text that is not yet a value of its type is unknown.
const read = {
  bool: (value) => ({ true: true, false: false })[typeof value === "object" ? "" : String(value)] ?? null,
  integer: (value) => number(value, /^-?[0-9]{1,30}$/),
  decimal: (value) => number(value, /^-?[0-9]{1,30}(\.[0-9]{1,30})?$/),
  date: (value) => {
    const found = /^([0-9]{4})-([0-9]{2})-([0-9]{2})/.exec((word(value) ?? "").trim());
    const day = found && dayOf(Number(found[1]), Number(found[2]), Number(found[3]));
    return day === null ? null : { day };
  },
  code: word,
  text: word,
};

function word(value) {
  return typeof value === "string" || typeof value === "number" ? String(value) : null;
}

function number(value, shape) {
  const text = (word(value) ?? "").trim();
  if (!shape.test(text)) return null;
  const [digits, part = ""] = text.split(".");
  return { n: BigInt(digits + part), scale: part.length };
}
