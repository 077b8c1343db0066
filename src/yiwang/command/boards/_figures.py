"""How the figures of a board are said; pure. What is not there is said so, never shown as a nought."""

from collections.abc import Sequence
from dataclasses import replace

from yiwang.command.boards.contracts import Figure, Note, Ratings, RedUnit, Tone
from yiwang.kernel.cases.contracts import DayCount, OrgSummary
from yiwang.kernel.workdays.contracts import LEGAL_TIME

ABSENT = "未接入"
DAYS = (("statutory-days", "法定天数"), ("promised-days", "承诺天数"), ("actual-days", "实际天数"))


def sentence(red: Sequence[RedUnit], ratings: Ratings, soon: int) -> str:
    """What is wrong now, in one sentence."""
    wrong = []
    if red:
        oldest = min(red, key=lambda unit: unit.since)
        day = oldest.since.astimezone(LEGAL_TIME)
        wrong.append(
            f"{len(red)}个单位超期{sum(unit.count for unit in red)}件，最久的在{oldest.name}，"
            f"{day.month}月{day.day}日就该办完“{oldest.case_title}”的{oldest.step_name}"
        )
    if ratings.bad > ratings.answered:
        wrong.append(f"{ratings.bad - ratings.answered}条差评还没有答复")
    if wrong:
        return "；".join(wrong) + "。"
    return f"没有超期，差评都已答复；{soon}件将到期。" if soon else "没有超期，差评都已答复。"


def filings(days: Sequence[DayCount], whole: OrgSummary, note: Note) -> Figure:
    yesterday, today = days
    if not (whole.opened or whole.closed or whole.open_now or yesterday.opened or today.opened):
        return _absent("filings", note)
    return Figure("filings", str(today.opened), "件", f"昨日{yesterday.opened}件", Tone.PLAIN, note)


def on_time(whole: OrgSummary, target: int, note: Note) -> Figure:
    timed = whole.on_time + whole.late
    if not timed:
        return _absent("on-time", note, "办结的都没有计时" if whole.closed else "期内没有办结")
    percent = 100 * whole.on_time / timed
    # 99.96 is not a hundred: one late case must be seen.
    said = f"{int(percent * 10) / 10:g}"
    tone = Tone.GOOD if percent >= target else Tone.BAD
    return Figure("on-time", said, "%", f"办结{timed}件，超期办结{whole.late}件；目标{target}%", tone, note)


def days(whole: OrgSummary, note: Note) -> tuple[Figure, ...]:
    """Three separate figures: what the law allows, what was promised, what it took."""
    if whole.actual_days is None:
        why = "办结的都没有计时" if whole.closed else "期内没有办结"
        return tuple(_absent(key, replace(note, title=title), why) for key, title in DAYS)
    late = whole.promised_days is not None and whole.actual_days > whole.promised_days
    tones = (Tone.PLAIN, Tone.PLAIN, Tone.BAD if late else Tone.GOOD)
    found = (whole.statutory_days, whole.promised_days, whole.actual_days)
    return tuple(
        Figure(key, f"{value:g}", "天", "每件平均", tone, replace(note, title=title))
        if value is not None
        else _absent(key, replace(note, title=title), "没有设定时限")
        for (key, title), value, tone in zip(DAYS, found, tones, strict=True)
    )


def overdue(red: Sequence[RedUnit], soon: int, whole: OrgSummary, note: Note) -> Figure:
    count = sum(unit.count for unit in red)
    if not (count or soon or whole.open_now or whole.opened or whole.closed):
        return _absent("overdue", note)
    return Figure("overdue", str(count), "件", f"将到期{soon}件", Tone.BAD if count else Tone.GOOD, note)


def satisfied(ratings: Ratings, target: int, note: Note) -> Figure:
    percent = ratings.satisfied_percent
    if percent is None:
        return _absent("satisfied", note, f"没有人评价，未评价{ratings.silent}件" if ratings.silent else "期内没有评价")
    tone = Tone.GOOD if percent >= target else Tone.BAD
    beside = f"已评{ratings.rated}件，未评价{ratings.silent}件；目标{target}%"
    return Figure("satisfied", str(percent), "%", beside, tone, note)


def _absent(key: str, note: Note, why: str = "还没有数据") -> Figure:
    return Figure(key, ABSENT if why == "还没有数据" else "—", "", why, Tone.ABSENT, note)
