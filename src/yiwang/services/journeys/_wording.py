"""An explanation as lines of Markdown: what `yiwang journeys explain` prints and docs/reference shows."""

from collections.abc import Iterator

from yiwang.services.journeys.contracts import Explanation, FieldLine, MaterialLine


def lines(found: Explanation) -> Iterator[str]:
    yield f"# {found.title}"
    yield ""
    yield f"{len(found.parts)}件事 1张表 {found.visits}次跑动，承诺{found.promised_days}个工作日。"
    yield ""
    yield from _parts(found)
    yield from _materials(found)
    yield from _fields(found)
    yield from _differences(found)


def _parts(found: Explanation) -> Iterator[str]:
    named = {part.slot: part.title for part in found.parts}
    yield "## 先后与时限"
    yield ""
    yield "| 事项 | 等什么办完 | 自有时限 | 承诺 | 第几个工作日起止 | 单独办要跑 | 结果 |"
    yield "|---|---|---|---|---|---|---|"
    for part in found.parts:
        waits = "、".join(named[slot] for slot in part.after) or "不等"
        mark = "**" if part.is_on_path else ""
        result = part.result.partition(":")[2]
        yield (
            f"| {mark}{part.title}{mark} | {waits} | {part.statutory} | {part.promised} | "
            f"{part.starts_on_day}–{part.ends_on_day} | {part.own_visits}次 | {result} |"
        )
    yield ""
    yield f"自有时限相加{found.statutory_sum}个工作日，承诺时限相加{found.promised_sum}个工作日；"
    yield f"按先后并行办，最长的一串（加粗）是{found.promised_days}个工作日。"
    yield ""


def _materials(found: Explanation) -> Iterator[str]:
    yield "## 材料"
    yield ""
    yield f"各项单独办共{found.own_material_rows}份，合并后{len(found.materials)}份。"
    yield ""
    yield f"### 要提供的（最多{len(found.materials_asked)}份）"
    yield ""
    for line in found.materials_asked:
        yield f"- {line.name}：{_when(line)}。{line.why}。"
    yield ""
    yield f"### 不用提供的（{len(found.materials_spared)}份）"
    yield ""
    for line in found.materials_spared:
        yield f"- {line.name}：{line.why}。"
    yield ""


def _when(line: MaterialLine) -> str:
    """`都要`, `非婚生育且随父落户的提交`, `可以后补`."""
    words = [line.condition, "可以后补" if line.may_lack else ""]
    return "，".join(word for word in words if word) or "都要"


def _fields(found: Explanation) -> Iterator[str]:
    yield "## 填写项"
    yield ""
    merged = sum(1 for line in found.fields if line.parts)
    yield f"各张表共{found.own_field_rows}项，合并后{merged}项，另有{len(found.fields) - merged}项用来选择和确认。"
    yield ""
    yield f"- 要填的{len(found.fields_asked)}项：{_labels(found.fields_asked)}。"
    for source in dict.fromkeys(line.source for line in found.fields_known):
        known = tuple(line for line in found.fields_known if line.source == source)
        yield f"- 不用填的{len(known)}项（{source}）：{_labels(known)}。"
    yield ""


def _labels(lines: tuple[FieldLine, ...]) -> str:
    return "、".join(line.label for line in lines)


def _differences(found: Explanation) -> Iterator[str]:
    if not found.differences:
        return
    yield "## 与所引指南的差别"
    yield ""
    yield f"所引：{found.quoted_source}。引来的数字不采用，我们的由配置包算出。"
    yield ""
    for each in found.differences:
        quoted = "未写" if each.quoted_before is None else f"{each.quoted_before}→{each.quoted_after}"
        yield f"### {each.subject}：指南 {quoted}，我们 {each.ours_before}→{each.ours_after}"
        yield ""
        for reason in each.reasons:
            yield f"- {reason}"
        yield ""
