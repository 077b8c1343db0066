// One answer against its element: the same refusals in the same words as kernel.elements on the server, which has the last word.
// A check returns { value } (as it is stored) or { what, hint, with } (msgids and their placeholders).

const LENGTH_MAX = 20000;
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;
const MOBILE = /^1[3-9]\d{9}$/;
const LANDLINE = /^(?:(?:0\d{2,3}-?)?[2-8]\d{6,7}(?:-\d{1,6})?|400-?\d{3}-?\d{4}|1[0-2]\d{3})$/;
const DATES = [/^(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?$/, /^(\d{4})(\d{2})(\d{2})$/];
const MOMENT = /^(\d{4}[-/.年]?\d{1,2}[-/.月]?\d{1,2}日?)[T ]*(\d{1,2})[:：时]?(\d{2})分?(?:[:：]?\d{2})?(?:\+08:?00)?$/;
const YES = ["true", "是", "1", "on", "有"];
const NO = ["false", "否", "0", "off", "无"];
const USCC = /^[1-9ANY][0-9A-HJ-NPQRTUWXY]\d{6}[0-9A-HJ-NPQRTUWXY]{10}$/;
const USCC_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY";

const refuse = (what, hint = "", values = {}) => ({ what, hint, with: values });
const signs = (text) => [...text];
const narrow = (text) => text.replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0)).replace(/\u3000/g, " ");
const compact = (text) => narrow(text).replace(/[\s-]/g, "");

export function check(field, raw, today) {
  const text = typeof raw === "string" ? raw.trim() : raw === true || raw === false || typeof raw === "number" ? String(raw) : "";
  if (text === "") return refuse("还没有填写", "请填写。");
  if (field.type === "code") return code(field, text);
  const result = CHECKS[field.type](field, text);
  return result.what || !field.moment ? result : onItsSide(field, result, today);
}

function plain(field, text) {
  const length = signs(text).length;
  if (length > LENGTH_MAX || CONTROL.test(text)) return refuse("里有不能显示的字符或过长", "请删去后重新填写。");
  if (field.maxLength && length > field.maxLength)
    return refuse("最多%(max)d个字，现在有%(n)d个", "请删去%(over)d个字。", { max: field.maxLength, n: length, over: length - field.maxLength });
  if (field.minLength && length < field.minLength) return refuse("至少%(min)d个字", "请填写完整。", { min: field.minLength });
  if (field.pattern && !matches(field.pattern, text)) return refuse("的写法不对", "%(told)s。", { told: field.patternHint });
  return { value: text };
}

function matches(pattern, text) {
  try {
    // Python's digit class is every decimal digit, full-width ones too.
    return new RegExp(`^(?:${pattern.replaceAll("\\d", "\\p{Nd}")})$`, "u").test(text);
  } catch {
    return true; // A pattern that only Python understands is left to the server.
  }
}

function words(field, text) {
  const typed = field.checkDigit ? compact(text) : text;
  if (!isWellDescribed(typed)) return refuse("里的部件描述不完整", "请用“生僻字”帮助重新录入。");
  const result = plain(field, typed);
  return !result.what && field.checkDigit === "luhn" && !luhn(typed) ? refuse("的校验位不对", "多半是抄错或漏了一位，请对照卡面重新填写。") : result;
}

function luhn(text) {
  if (!/^\d+$/.test(text)) return false;
  const sum = [...text].reverse().reduce((total, digit, i) => total + (i % 2 ? [0, 2, 4, 6, 8, 1, 3, 5, 7, 9][digit] : Number(digit)), 0);
  return sum % 10 === 0;
}

function code(field, text) {
  const item = field.codes.find((each) => each.code === text) || field.codes.find((each) => each.name === text);
  return item ? { value: item.code } : refuse("不在可选范围内", "请从列出的选项中选一个。");
}

const digitsOnly = (field) => (field.unit ? "请只填数字，单位是%(unit)s。" : "请只填数字。");

function integer(field, text) {
  const digits = narrow(text).replace(/[, ]/g, "");
  if (!/^-?\d{1,15}$/.test(digits)) return refuse("应为整数", digitsOnly(field), { unit: field.unit });
  return within(field, Number(digits)) || { value: Number(digits) };
}

function decimal(field, text) {
  const digits = narrow(text).replace(/[, ]/g, "");
  if (!/^-?\d{1,15}(?:\.\d{1,12})?$/.test(digits)) return refuse("应为数字", digitsOnly(field), { unit: field.unit });
  const [whole, part = ""] = digits.split(".");
  const kept = part.replace(/0+$/, "");
  if (kept.length > field.places) return refuse("最多%(places)d位小数", "请四舍五入后填写。", { places: field.places });
  const value = whole.replace(/^(-?)0+(?=\d)/, "$1") + (field.places ? "." + kept.padEnd(field.places, "0") : "");
  return within(field, Number(digits)) || { value };
}

function within(field, value) {
  const low = field.minimum ?? null;
  const high = field.maximum ?? null;
  if ((low === null || value >= Number(low)) && (high === null || value <= Number(high))) return null;
  const what = low !== null && high !== null ? "应为%(low)s至%(high)s%(unit)s" : low !== null ? "应为%(low)s%(unit)s以上" : "应为%(high)s%(unit)s以下";
  return refuse(what, "请核对单位和位数。", { low, high, unit: field.unit });
}

const two = (n) => String(n).padStart(2, "0");

function date(field, text) {
  const typed = narrow(text).replace(/ /g, "");
  const found = DATES.map((shape) => shape.exec(typed)).find(Boolean);
  if (!found) return refuse("不是日期", "请写成如 2026-09-24。");
  const [year, month, day] = found.slice(1).map(Number);
  const real = new Date(Date.UTC(year, month - 1, day));
  real.setUTCFullYear(year, month - 1, day);
  if (year < 1 || real.getUTCMonth() !== month - 1 || real.getUTCDate() !== day) return refuse("这一天不存在", "请核对年、月、日。");
  if (year < 1850 || year > 2150) return refuse("的年份不合常理", "请核对年份。");
  return { value: `${year}-${two(month)}-${two(day)}` };
}

function datetime(field, text) {
  const found = MOMENT.exec(narrow(text));
  if (!found) return refuse("不是日期和时间", "请写成如 2026-09-24 08:30。");
  const day = date(field, found[1]);
  if (day.what) return day;
  if (Number(found[2]) > 23 || Number(found[3]) > 59) return refuse("的时刻不存在", "请按24小时制填写，如 08:30。");
  return { value: `${day.value}T${two(found[2])}:${found[3]}` };
}

function onItsSide(field, result, today) {
  const day = String(result.value).slice(0, 10);
  if (field.moment === "past" && day > today) return refuse("在今天之后", "请核对日期。");
  if (field.moment === "future" && day < today) return refuse("在今天之前", "请核对日期。");
  return result;
}

function bool(field, text) {
  if (YES.includes(text.toLowerCase())) return { value: true };
  return NO.includes(text.toLowerCase()) ? { value: false } : refuse("应为是或否", "请选“是”或“否”。");
}

function idNumber(field, text) {
  const value = compact(text).toUpperCase();
  const hint = "请对照身份证重新填写。";
  if (/^\d{15}$/.test(value)) return refuse("是15位的旧号码", "请填写18位公民身份号码。");
  if (signs(value).length !== 18) return refuse("应为18位，现在是%(n)d位", hint, { n: signs(value).length });
  if (!/^\d{17}[\dX]$/.test(value)) return refuse("只能是数字，最后一位可以是X", hint);
  return isIdNumber(value) ? { value } : refuse("的校验位或出生日期不对", "多半是抄错了一位，请对照身份证重新填写。");
}

function isIdNumber(value) {
  const weights = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
  const sum = weights.reduce((total, weight, i) => total + weight * Number(value[i]), 0);
  if ("10X98765432"[sum % 11] !== value[17]) return false;
  const isForeign = value[0] === "9" && !value.startsWith("99");
  return isForeign || !date({}, value.slice(6, 14)).what || isOldDay(value.slice(6, 14));
}

// A birthday before 1850 is no answer to a date question, yet it has the shape of an ID number.
function isOldDay(digits) {
  const [year, month, day] = [digits.slice(0, 4), digits.slice(4, 6), digits.slice(6)].map(Number);
  const real = new Date(Date.UTC(2000, 0, 1));
  real.setUTCFullYear(year, month - 1, day);
  return year >= 1 && real.getUTCMonth() === month - 1 && real.getUTCDate() === day;
}

function uscc(field, text) {
  const value = compact(text).toUpperCase();
  if (signs(value).length !== 18) return refuse("应为18位，现在是%(n)d位", "请对照营业执照重新填写。", { n: signs(value).length });
  const places = [...value].map((sign) => USCC_SIGNS.indexOf(sign));
  const sum = places.slice(0, 17).reduce((total, at, i) => total + at * (3 ** i % 31), 0);
  const right = USCC.test(value) && places[17] === (31 - (sum % 31)) % 31;
  return right ? { value } : refuse("的校验位不对", "多半是抄错了一位（没有字母 I、O、S、V、Z），请对照营业执照重新填写。");
}

function phone(field, text) {
  const typed = narrow(text).replace(/[\s()]/g, "").replace(/^\+?86-?(?=1[\d-]{10,}$)/, "");
  const mobile = typed.replace(/-/g, "");
  if (MOBILE.test(mobile)) return plain(field, mobile);
  return LANDLINE.test(typed) ? plain(field, typed) : refuse("不是电话号码", "请填写11位手机号码，或带区号的固定电话，如 0999-6234567。");
}

const CHECKS = { text: words, address: words, integer, decimal, date, datetime, bool, "id-number": idNumber, uscc, phone };

// Whether every description by parts (⿰王亢) in the text is complete.
const PARTS = { "⿲": 3, "⿳": 3, "⿾": 1, "⿿": 1, "㇯": 2 };
for (const sign of "⿰⿱⿴⿵⿶⿷⿸⿹⿺⿻") PARTS[sign] = 2;

export function isWellDescribed(text) {
  const all = signs(text);
  if (!all.some((sign) => PARTS[sign])) return true;
  for (let at = 0; at < all.length; ) {
    at = part(all, at, 0);
    if (at === null) return false;
  }
  return true;
}

function part(all, at, depth) {
  if (at >= all.length || depth > 12) return null;
  let end = at + 1;
  for (let i = 0; i < (PARTS[all[at]] || 0); i++) {
    end = end === null ? null : part(all, end, depth + 1);
  }
  return end;
}
