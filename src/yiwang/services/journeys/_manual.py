"""The manual page of a one-thing: what it saves, computed from its packs, and its worked examples."""

from collections.abc import Iterator

from yiwang.kernel.packs.contracts import Pack, PackSet, Sheet, origin, section, sheet, table
from yiwang.services.journeys import _explain, _wording
from yiwang.services.journeys._book import book
from yiwang.services.journeys.kinds import JourneyExample, JourneyPack


def sheets(pack: Pack, packs: PackSet) -> Iterator[Sheet]:
    body = pack.as_type(JourneyPack)
    explained = "\n".join(_wording.lines(_explain.explain(book(pack, packs))))
    matters = [(part.slot, packs.get("Matter", part.matter), "、".join(part.after)) for part in body.parts]
    linked = ((slot, f"[{m.title}](../matters/{m.id}@{m.version}.md)", after) for slot, m, after in matters)
    text = sheet(
        str(pack.title),
        f"一件事 · `{pack.reference}` · 内容 `{pack.hash[:12]}`",
        str(body.intro),
        section("包含事项", table(("代号", "事项", "等哪些办完"), linked)),
        section("省下什么", explained.replace("\n# ", "\n### ").replace("\n## ", "\n### ").removeprefix("# ")),
        section(
            "例子", table(("例子", "办哪些", "不办哪些", "承诺工作日", "要交的材料"), map(_example, body.examples))
        ),
        section("来源", origin(pack)),
    )
    yield Sheet(f"journeys/{pack.id}@{pack.version}.md", text, str(pack.title))


def _example(example: JourneyExample) -> tuple[str, ...]:
    then = example.then
    if then.fails is not None:
        return example.name, "拦下：" + "、".join(then.fails), "", "", ""
    lists = ("、".join(each) if each is not None else "" for each in (then.parts, then.left_out))
    asked = "、".join(then.asked) or "不要" if then.asked is not None else ""
    return (example.name, *lists, "" if then.days is None else str(then.days), asked)
