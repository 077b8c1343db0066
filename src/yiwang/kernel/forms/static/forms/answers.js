// Answers out of the page and into it: names are paths (`mother_phone`, `children.0.name`).

export function collect(form, root) {
  const answers = {};
  for (const group of form.groups) {
    if (!group.repeat) {
      Object.assign(answers, fieldsOf(group, root, ""));
      continue;
    }
    const items = itemsOf(root, group.id).map((item) => fieldsOf(group, item, item.dataset.item + "."));
    if (items.length) answers[group.id] = items;
  }
  return answers;
}

export const itemsOf = (root, groupId) => [...root.querySelectorAll(`[data-group="${groupId}"] [data-items] > [data-item]`)];

function fieldsOf(group, root, prefix) {
  const found = {};
  for (const field of group.fields) {
    const value = valueOf(field, root, prefix + field.name);
    if (value !== "" && value !== null && value.length !== 0) found[field.name] = value;
  }
  return found;
}

function valueOf(field, root, name) {
  const controls = [...root.querySelectorAll(`[name="${CSS.escape(name)}"]`)].filter((each) => each.type !== "file");
  if (field.type === "file") return controls.map((each) => Number(each.value));
  if (controls[0]?.type === "checkbox") return controls.filter((each) => each.checked).map((each) => each.value);
  if (controls[0]?.type === "radio") return controls.find((each) => each.checked)?.value ?? "";
  return controls[0]?.value ?? "";
}

export const fieldId = (path) => "f-" + [...path].map((sign) => (/[\p{L}\p{N}]/u.test(sign) ? sign : "-")).join("");
