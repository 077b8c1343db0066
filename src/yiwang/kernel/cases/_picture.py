"""A flow as SVG: boxes in the reader's words, what is done, under way and to come by colour, shape and text, and how long it took."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from unicodedata import east_asian_width

from django.utils.translation import gettext

from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases._layout import Edge, Layout, laid_out
from yiwang.kernel.cases._taken import Taken, taken
from yiwang.kernel.cases._views import outcome_name, said, step_name
from yiwang.kernel.cases.contracts import TaskStatus
from yiwang.kernel.cases.kinds import ApplicantStep, AutomaticStep, EndStep, OutsideStep, ParallelStep, SubcasesStep
from yiwang.kernel.cases.models import NEVER, Case, CaseEvent, Task
from yiwang.kernel.workdays.contracts import LEGAL_TIME

WIDTH, HEIGHT = 136, 64
ACROSS, ALONG, ALONG_UPRIGHT = 28, 100, 60
MARGIN = 16
LINE_CELLS, LINES_MAX = 16, 2
DONE, NOW, AHEAD, PLAIN = "done", "now", "ahead", "plain"
_FILL = {DONE: "#e6f4ea", NOW: "#e7effc", AHEAD: "#ffffff", PLAIN: "#ffffff"}
_LINE = {DONE: "#1f7a3d", NOW: "#1456c8", AHEAD: "#7b8794", PLAIN: "#52606d"}
_SIGN = {DONE: "✓", NOW: "●", AHEAD: "○", PLAIN: ""}
_INK, _PALE, _LATE = "#1f2933", "#52606d", "#b3261e"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a box stands, and the small line below its name."""

    state: str
    note: str = ""
    taken: Taken | None = None


def of_flow(flow: Flow, layout: str) -> str:
    """The flow by itself."""
    return _Picture(flow, {}, layout, f"flow-{flow.id}").drawn(
        gettext("办理流程：%(title)s") % {"title": said(flow.title)}
    )


def of_case(flow: Flow, case: Case, tasks: Sequence[Task], layout: str, at: datetime) -> str:
    """The flow with where a case stands in it, and the work days it spent at each step."""
    spent = taken(tasks, at)
    standing = {name: Standing(AHEAD) for name in flow.steps}
    ran = CaseEvent.objects.filter(case=case, kind__in=("ran", "closed")).values_list("kind", "step", "effective_at")
    for kind, name, at in ran:
        standing[name if kind == "ran" else _ending(flow)] = Standing(DONE, _day(at))
    for task in tasks:
        if task.status == TaskStatus.DONE:
            standing[task.step] = Standing(DONE, _day(task.closed_at), spent[task.step])
        elif task.status == TaskStatus.OPEN:
            due = "" if task.due_at == NEVER else gettext("%(day)s前") % {"day": _day(task.due_at)}
            standing[task.step] = Standing(NOW, due, spent[task.step])
    forks = {name: step for name, step in flow.steps.items() if isinstance(step, ParallelStep)}
    standing |= {
        name: Standing(DONE)
        for name, fork in forks.items()
        if any(standing[one].state != AHEAD for one in fork.branches)
    }
    said = gettext("办件%(number)s的办理流程") % {"number": case.number}
    end = gettext("已办结：%(outcome)s") % {"outcome": outcome_name(flow, case.outcome)} if case.closed_at else ""
    return _Picture(flow, standing, layout, f"flow-{case.pk}").drawn(said, end)


def _ending(flow: Flow) -> str:
    return next(name for name, step in flow.steps.items() if isinstance(step, EndStep))


def _day(at: datetime | None) -> str:
    return f"{at.astimezone(LEGAL_TIME):%m-%d}" if at else ""


class _Picture:
    """One picture in the making; along is where the flow runs to, across is beside it."""

    def __init__(self, flow: Flow, standing: Mapping[str, Standing], layout: str, key: str) -> None:
        self.flow = flow
        self.standing = standing
        self.is_upright = layout == "vertical"
        self.layout_name = "vertical" if self.is_upright else "horizontal"
        self.key = f"{key.replace('.', '-')}-{'v' if self.is_upright else 'h'}"
        self.layout: Layout = laid_out(flow)
        self.gap = ALONG_UPRIGHT if self.is_upright else ALONG
        self.step_along = (HEIGHT if self.is_upright else WIDTH) + self.gap
        self.step_across = (WIDTH if self.is_upright else HEIGHT) + ACROSS

    def drawn(self, title: str, end: str = "") -> str:
        along = self.layout.layers * self.step_along - self.gap + 2 * MARGIN
        across = int(self.layout.breadth * self.step_across) - ACROSS + 2 * MARGIN
        width, height = (across, along) if self.is_upright else (along, across)
        parts = [self._edge(edge) for edge in self.layout.routes]
        parts += [self._box(name) for name in self.layout.places]
        parts += [self._label(edge) for edge in self.layout.routes if edge.label]
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="flow-picture flow-picture-{self.layout_name}" role="img" viewBox="0 0 {width} {height}" '
            f'width="{width}" height="{height}" aria-labelledby="{self.key}-t {self.key}-d" '
            f'font-family="PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif" font-size="14">'
            f'<title id="{self.key}-t">{escape(title)}</title><desc id="{self.key}-d">{escape(self._told(end))}</desc>'
            f"{self._arrow_heads()}{''.join(parts)}</svg>"
        )

    def _told(self, end: str) -> str:
        """The picture in words, for whoever does not see it."""
        named = {
            state: "、".join(
                self._name(name) for name in self.flow.steps if self._state(name) == state and self._name(name)
            )
            for state in (DONE, NOW, AHEAD, PLAIN)
        }
        told = [
            gettext("已办：%(steps)s。") % {"steps": named[DONE]} if named[DONE] else "",
            gettext("正在办：%(steps)s。") % {"steps": named[NOW]} if named[NOW] else "",
            gettext("未到：%(steps)s。") % {"steps": named[AHEAD]} if named[AHEAD] and not end else "",
            gettext("环节：%(steps)s。") % {"steps": named[PLAIN]} if named[PLAIN] else "",
            self._spent(),
            f"{end}。" if end else "",
        ]
        return "".join(told)

    def _spent(self) -> str:
        """How long each step took, and which ran over its limit."""
        found = {name: standing.taken for name, standing in self.standing.items() if standing.taken}
        if not found:
            return ""
        late = gettext("超期")
        parts = [f"{self._name(name)} {spent}{f'（{late}）' if spent.is_late else ''}" for name, spent in found.items()]
        return gettext("用时：%(steps)s。") % {"steps": "、".join(parts)}

    def _state(self, name: str) -> str:
        if name in self.standing:
            return self.standing[name].state
        fork = name.removesuffix("+")
        step = self.flow.steps.get(fork)
        if self.standing and isinstance(step, ParallelStep):
            return self.standing[step.to].state if step.to in self.standing else AHEAD
        return AHEAD if self.standing else PLAIN

    def _name(self, name: str) -> str:
        return step_name(self.flow, name) if name in self.flow.steps else ""

    def _centre(self, place: tuple[int, float]) -> tuple[float, float]:
        along = MARGIN + place[0] * self.step_along + (HEIGHT if self.is_upright else WIDTH) / 2
        across = MARGIN + place[1] * self.step_across + (WIDTH if self.is_upright else HEIGHT) / 2
        return (across, along) if self.is_upright else (along, across)

    def _box(self, name: str) -> str:
        x, y = self._centre(self.layout.places[name])
        state = self._state(name)
        fill, line = _FILL[state], _LINE[state]
        thick = 3 if state == NOW else 1.5
        dash = ' stroke-dasharray="5 4"' if state == AHEAD else ""
        style = f'fill="{fill}" stroke="{line}" stroke-width="{thick}"{dash}'
        step = self.flow.steps.get(name)
        if step is None or isinstance(step, ParallelStep):
            return f'<path d="M{x - 16} {y}L{x} {y - 16}L{x + 16} {y}L{x} {y + 16}Z" {style}/>' + _text(
                x, y + 5, "+", line
            )
        left, top = x - WIDTH / 2, y - HEIGHT / 2
        round_ = {EndStep: HEIGHT / 2, ApplicantStep: 20}.get(type(step), 6)
        shape = f'<rect x="{left}" y="{top}" width="{WIDTH}" height="{HEIGHT}" rx="{round_}" {style}/>'
        if isinstance(step, OutsideStep | SubcasesStep | AutomaticStep):
            shape += _second_line(left, top, step, line)
        return shape + self._words(name, x, y, line) + self._pills(name, left + WIDTH, top, line)

    def _pills(self, name: str, right: float, top: float, line: str) -> str:
        """On the lower edge how long the step took, on the upper one whether that was too long."""
        spent = self.standing.get(name, Standing(PLAIN)).taken
        if spent is None:
            return ""
        late = _pill(right, top, gettext("超期"), _LATE) if spent.is_late else ""
        return _pill(right, top + HEIGHT, str(spent), _LATE if spent.is_late else line) + late

    def _words(self, name: str, x: float, y: float, line: str) -> str:
        standing = self.standing.get(name, Standing(PLAIN))
        lines = _wrapped(self._name(name))
        small = " ".join(part for part in (_SIGN[standing.state], _state_word(standing.state), standing.note) if part)
        top = y - (len(lines) - 1) * 9 + (5 if not small else -2)
        text = "".join(_text(x, top + number * 18, part, _INK) for number, part in enumerate(lines))
        return text + (_text(x, top + len(lines) * 18 - 1, small, line, size=12) if small else "")

    def _edge(self, edge: Edge) -> str:
        back = edge in self.layout.back
        ends = [edge.target, edge.source] if back else [edge.source, edge.target]
        points = [
            self._side(ends[0], 1, edge),
            *map(self._centre, self.layout.routes[edge]),
            self._side(ends[1], -1, edge),
        ]
        if edge.source == edge.target:
            return ""
        curve = _curve(points[::-1] if back else points, upright=self.is_upright)
        walked = self._state(edge.source) == DONE and self._state(edge.target) in (DONE, NOW) and not back
        colour = _LINE[DONE] if walked else _LINE[AHEAD]
        dash = ' stroke-dasharray="4 4"' if back else ""
        head = "walked" if walked else "ahead"
        return (
            f'<path d="{curve}" fill="none" stroke="{colour}" stroke-width="{2 if walked else 1.2}"{dash} '
            f'marker-end="url(#{self.key}-{head})"/>'
        )

    def _side(self, name: str, direction: int, edge: Edge) -> tuple[float, float]:
        """Where an edge touches a box; ways back a little beside ways on."""
        x, y = self._centre(self.layout.places[name])
        is_box = name in self.flow.steps and not isinstance(self.flow.steps[name], ParallelStep)
        half = ((HEIGHT if self.is_upright else WIDTH) / 2) if is_box else 16
        aside = 12 if edge in self.layout.back else -4 if is_box else 0
        return (x + aside, y + direction * half) if self.is_upright else (x + direction * half, y + aside)

    def _label(self, edge: Edge) -> str:
        if edge in self.layout.back or edge.source == edge.target:
            return ""
        x, y = self._side(edge.source, 1, edge)
        onward = [*map(self._centre, self.layout.routes[edge]), self._side(edge.target, -1, edge)][0]
        x, y = (x + (onward[0] - x) * 0.55, y + (onward[1] - y) * 0.55)
        return _text(x, y + (4 if self.is_upright else -5), _short(edge.label), _PALE, size=11, halo=True)

    def _arrow_heads(self) -> str:
        heads = {"walked": _LINE[DONE], "ahead": _LINE[AHEAD]}
        return (
            "<defs>"
            + "".join(
                f'<marker id="{self.key}-{name}" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" '
                f'orient="auto"><path d="M0 0L8 4L0 8Z" fill="{colour}"/></marker>'
                for name, colour in heads.items()
            )
            + "</defs>"
        )


def _state_word(state: str) -> str:
    return {DONE: gettext("已办"), NOW: gettext("正在办"), AHEAD: gettext("未到")}.get(state, "")


def _second_line(left: float, top: float, step: object, line: str) -> str:
    """What tells a step of another kind apart without colour: a second frame, or bars at the sides."""
    if isinstance(step, AutomaticStep):
        return f'<path d="M{left + 7} {top}V{top + HEIGHT}M{left + WIDTH - 7} {top}V{top + HEIGHT}" stroke="{line}"/>'
    inner = f'x="{left + 4}" y="{top + 4}" width="{WIDTH - 8}" height="{HEIGHT - 8}" rx="4"'
    return f'<rect {inner} fill="none" stroke="{line}"/>'


def _curve(points: Sequence[tuple[float, float]], *, upright: bool) -> str:
    x, y = points[0]
    path = f"M{x:.0f} {y:.0f}"
    for to_x, to_y in points[1:]:
        bend = (to_y - y) / 2 if upright else (to_x - x) / 2
        first, second = ((x, y + bend), (to_x, to_y - bend)) if upright else ((x + bend, y), (to_x - bend, to_y))
        path += f"C{first[0]:.0f} {first[1]:.0f} {second[0]:.0f} {second[1]:.0f} {to_x:.0f} {to_y:.0f}"
        x, y = to_x, to_y
    return path


def _text(x: float, y: float, words: str, colour: str, *, size: int = 14, halo: bool = False) -> str:
    outline = ' stroke="#ffffff" stroke-width="3" paint-order="stroke"' if halo else ""
    return f'<text x="{x:.0f}" y="{y:.0f}" text-anchor="middle" font-size="{size}" fill="{colour}"{outline}>{escape(words)}</text>'


def _pill(right: float, y: float, words: str, colour: str) -> str:
    width = 6 * sum(map(_cells, words)) + 12
    left = right - width - 6
    shape = f'<rect x="{left:.0f}" y="{y - 9:.0f}" width="{width}" height="18" rx="9" fill="{colour}"/>'
    return shape + _text(left + width / 2, y + 4, words, "#ffffff", size=11)


def _cells(sign: str) -> int:
    return 2 if east_asian_width(sign) in "WF" else 1


def _short(words: str, most: int = 12) -> str:
    """As many signs as fit in so many cells."""
    used, kept = 0, ""
    for sign in words:
        used += _cells(sign)
        if used > most:
            return kept.rstrip() + "…"
        kept += sign
    return kept


def _wrapped(words: str) -> list[str]:
    """At most two lines; breaks at spaces where there are any."""
    lines, line, used = [], "", 0
    for sign in words:
        used += _cells(sign)
        if used > LINE_CELLS:
            head, _, tail = line.rpartition(" ")
            lines.append(head or line)
            line, used = (tail if head else ""), _cells(sign) + (sum(map(_cells, tail)) if head else 0)
        line += sign
    lines.append(line)
    return lines if len(lines) <= LINES_MAX else [lines[0], _short("".join(lines[1:]), LINE_CELLS - 1)]
