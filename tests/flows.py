"""Flows for tests: written as in a pack file, run without any pack being loaded."""

from typing import Any

from yiwang.kernel.access.kinds import PostTypePack
from yiwang.kernel.cases._flow import Flow, flow_of
from yiwang.kernel.cases.kinds import FlowPack
from yiwang.kernel.packs import _yaml
from yiwang.kernel.packs.contracts import Pack, PackSet, Text
from yiwang.kernel.workdays.kinds import WorkHoursPack


def body(text: str, **more: Any) -> FlowPack:
    """A flow's body from YAML; head lines (kind, id, title) may be left out."""
    data = {"kind": "Flow", "id": "test.flow", "title": "测试流程", **_yaml.read(text.encode())[0].data, **more}
    return FlowPack.model_validate(data)


def flow(text: str) -> Flow:
    return flow_of(body(text), "0" * 64)


TENNIS = """
start: request
yellow: 80%
clocks:
  season: {name: 赛季, limit: 10 workdays, until: end}
outcomes:
  won: {name: 胜, good: true}
  lost: {name: 负}
steps:
  request: {name: 报名, post: umpire, limit: 2 workdays, choices: {
      enter: {name: 入场, to: match, starts: [season]},
      ask: {name: 补交照片, to: photo, once: true, grounds: required}}}
  photo: {name: 交照片, type: applicant, limit: 5 days, silence: {to: end, outcome: lost}, choices: {send: {name: 交, to: request}}}
  match: {name: 比赛, type: parallel, branches: [first, second, third], join: 2, to: prize}
  first: {name: 第一盘, post: umpire, choices: {done: {name: 完, to: join}}}
  second: {name: 第二盘, post: umpire, choices: {done: {name: 完, to: join}, injured: {name: 退赛, to: end, outcome: lost, leaves: true}}}
  third: {name: 第三盘, post: umpire, choices: {done: {name: 完, to: join}}}
  prize: {name: 发奖, post: chair, not_same_as: [first], choices: {
      cup: {name: 颁杯, to: engrave, outcome: won, decides: true},
      none: {name: 不颁, to: end, outcome: lost, decides: true, grounds: required}}}
  engrave: {name: 刻字, type: automatic, to: end}
  end: {name: 散场, type: end}
"""


POSTS = {
    "umpire": (["cases.act", "cases.view"], "own"),
    "chair": (["cases.act", "cases.view", "cases.extend"], "own"),
    "warden": (["cases.view", "cases.supervise"], "below"),
}

HOURS = WorkHoursPack.model_validate(
    {
        "kind": "WorkHours",
        "id": "work-hours",
        "title": "工作时间",
        "spans": [{"from": "09:00", "to": "12:00"}, {"from": "13:00", "to": "18:00"}],
    }
)


def packs_of(*flows: FlowPack) -> PackSet:
    """A set of packs that holds these flows and the posts of a club."""
    made = [
        Pack("PostType", name, 1, Text(name), name, "club", f"{name}.yaml", _post(name, permissions, reach), {})
        for name, (permissions, reach) in POSTS.items()
    ]
    made.append(Pack("WorkHours", "work-hours", 1, Text("工作时间"), "hours", "club", "hours.yaml", HOURS, {}))
    made += [
        Pack("Flow", one.id, one.version, one.title, f"{one.id}-{one.version}", "club", f"{one.id}.yaml", one, {})
        for one in flows
    ]
    return PackSet(made)


def _post(name: str, permissions: list[str], reach: str) -> PostTypePack:
    return PostTypePack.model_validate(
        {"kind": "PostType", "id": name, "title": name, "permissions": permissions, "reach": reach}
    )
