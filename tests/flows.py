"""Flows for tests: written as in a pack file, run without any pack being loaded."""

from collections.abc import Sequence
from typing import Any

from yiwang.kernel.access.kinds import PostTypePack
from yiwang.kernel.cases._flow import Flow, flow_of
from yiwang.kernel.cases.kinds import FlowPack
from yiwang.kernel.packs import _yaml
from yiwang.kernel.packs.contracts import Pack, PackSet, Text
from yiwang.kernel.workdays.kinds import CalendarYearPack, WorkHoursPack


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

LEAGUE = """
id: test.league
start: draw
outcomes:
  some-played: {name: 部分赛完, good: true}
  none-played: {name: 未赛成}
clocks: {season: {name: 赛季, limit: 20 workdays, until: end}}
steps:
  draw: {name: 抽签, post: umpire, choices: {go: {name: 开赛, to: matches, starts: [season]}}}
  matches: {name: 各场比赛, type: subcases, plan: test.matches, join: all, to: feast, outcome: completed,
    if_some: {to: feast, outcome: some-played}, if_none: {to: end, outcome: none-played}}
  feast: {name: 庆功, post: chair, at: root, choices: {done: {name: 散, to: end}, again: {name: 再赛, to: matches}}}
  end: {name: 完, type: end}
"""

SINGLE = """
id: test.single
start: play
steps:
  play: {name: 打, post: umpire, limit: 3 workdays, choices: {
      win: {name: 胜, to: end, outcome: granted, decides: true, effects: [test.score]},
      lose: {name: 负, to: end, outcome: refused, decides: true, grounds: required}}}
  end: {name: 完, type: end}
"""

WEATHER = """
id: test.weather
start: ask
yellow: 80%
urge_every: 4 workhours
pauses:
  rain: {name: 下雨, basis: {title: 赛规, article: 七}}
  snow: {name: 下雪}
clocks:
  law: {name: 规定时限, pauses: [rain], until: decision, extension: {times: 1, max: 5 workdays, basis: {title: 赛规, article: 八}}}
  word: {name: 承诺时限, pauses: [rain, snow], until: decision}
  clean: {name: 打扫时限, limit: 2 workdays, until: end}
steps:
  ask: {name: 报名, post: umpire, limit: 5 workdays, silence: {take: accept, effective: start, basis: {title: 赛规, article: 三}},
    choices: {accept: {name: 接受, to: play, starts: [law, word]}}}
  play: {name: 比赛, post: umpire, limit: 2 workdays, choices: {over: {name: 打完, to: prize}}}
  prize: {name: 发奖, post: chair, not_same_as: [play], choices: {cup: {name: 颁杯, to: tidy, outcome: granted, decides: true, starts: [clean]}}}
  tidy: {name: 打扫, post: umpire, choices: {done: {name: 扫完, to: end}}}
  end: {name: 完, type: end}
"""

AWAY = """
id: test.away
start: away
steps:
  away: {name: 客场, type: outside, system: rival, post: umpire, limit: 5 workdays, choices: {
      granted: {name: 胜, to: end, outcome: granted},
      refused: {name: 负, to: end, outcome: refused, grounds: required},
      failed: {name: 没打成, to: home},
      home: {name: 改主场, to: home, by: post}}}
  home: {name: 主场, post: umpire, choices: {done: {name: 打完, to: end}, away: {name: 再去客场, to: away}}}
  end: {name: 完, type: end}
"""


CUP = """
id: test.cup
start: entry
outcomes: {won: {name: 夺冠, good: true}, void: {name: 成绩作废}}
clocks: {season: {name: 赛季, limit: 10 workdays, until: end}}
corrections:
  strip: {name: 取消成绩, outcome: void, effects: [test.strip], basis: {title: 赛规, article: 十}}
  rejudge: {name: 重新判罚, to: judge, effects: [test.strip]}
steps:
  entry: {name: 报名, post: umpire, choices: {
      in: {name: 入场, to: warm, starts: [season]}, out: {name: 不收, to: end, outcome: refused}, form: {name: 填表, to: form}}}
  form: {name: 选手填表, type: applicant, choices: {send: {name: 交, to: entry}}}
  warm: {name: 热身, post: umpire, limit: 3 workdays, may_return_to: [form, entry], choices: {
      go: {name: 上场, to: sets, effects: [test.score]}, note: {name: 记录, to: judge}, later: {name: 改期, to: judge, effects: [test.post]}}}
  sets: {name: 两盘, type: parallel, branches: [first, second], join: all, to: judge}
  first: {name: 第一盘, post: umpire, may_return_to: any, choices: {done: {name: 完, to: join}}}
  second: {name: 第二盘, post: umpire, choices: {done: {name: 完, to: join}}}
  judge: {name: 判罚, post: chair, not_same_as: [warm, entry], may_return_to: any, choices: {
      win: {name: 胜, to: prize, outcome: won, decides: true}, lose: {name: 负, to: end, outcome: refused, decides: true, grounds: required}}}
  prize: {name: 发奖, post: umpire, may_return_to: any, choices: {done: {name: 发, to: end}}}
  end: {name: 完, type: end}
"""

POLL = """
id: test.poll
start: draft
outcomes: {agreed: {name: 通过, good: true}, disputed: {name: 未通过}}
steps:
  draft: {name: 拟章程, post: chair, choices: {
      ask: {name: 征求意见, to: poll, effects: [{do: cases.keep, with: {fields: [clubs]}}]}, drop: {name: 不办了, to: end}}}
  poll: {name: 各会会签, post: umpire, for_each: "data:clubs", join: 2, limit: 2 workdays, yellow: 50%,
    silence: {take: agree, basis: {title: 赛规, article: 九}}, to: seal, otherwise: {to: draft}, choices: {
      agree: {name: 同意, to: join},
      object: {name: 不同意, to: join, counts: false, grounds: required},
      stop: {name: 叫停, to: end, leaves: true, outcome: disputed, grounds: required}}}
  seal: {name: 盖章, post: chair, choices: {done: {name: 盖, to: end, outcome: agreed}}}
  end: {name: 完, type: end}
examples:
  - {name: 两家同意即可, units: 3, given: [draft.ask, "poll#2.agree", "poll#1.object", "poll#3.agree", seal.done], then: {ended: agreed}}
  - {name: 凑不够就退回, units: 3, given: [draft.ask, "poll#1.object", "poll#3.object"], then: {open: [draft]}}
  - {name: 没有单位, units: 0, given: [draft.ask], then: {open: [seal]}}
  - {name: 一家叫停, given: [draft.ask, "poll#2.stop"], then: {ended: disputed}}
"""


POSTS = {
    "umpire": (["cases.act", "cases.view"], "own"),
    "chair": (["cases.act", "cases.view", "cases.extend"], "own"),
    "warden": (["cases.view", "cases.supervise", "cases.reopen", "cases.correct"], "below"),
}

HOURS = WorkHoursPack.model_validate(
    {
        "kind": "WorkHours",
        "id": "work-hours",
        "title": "工作时间",
        "spans": [{"from": "09:00", "to": "12:00"}, {"from": "13:00", "to": "18:00"}],
    }
)


def packs_of(*flows: FlowPack, holidays: Sequence[dict[str, str]] = ()) -> PackSet:
    """A set of packs that holds these flows, the posts of a club and, with `holidays`, a notice for 2026."""
    made = [
        Pack("PostType", name, 1, Text(name), name, "club", f"{name}.yaml", _post(name, permissions, reach), {})
        for name, (permissions, reach) in POSTS.items()
    ]
    made.append(Pack("WorkHours", "work-hours", 1, Text("工作时间"), "hours", "club", "hours.yaml", HOURS, {}))
    made += [
        Pack("Flow", one.id, one.version, one.title, f"{one.id}-{one.version}", "club", f"{one.id}.yaml", one, {})
        for one in flows
    ]
    if holidays:
        notice = {"kind": "CalendarYear", "id": "year", "title": "放假安排", "year": 2026, "holidays": holidays}
        year = CalendarYearPack.model_validate(notice)
        made.append(Pack("CalendarYear", "year", 1, Text("放假安排"), "year", "club", "year.yaml", year, {}))
    return PackSet(made)


def _post(name: str, permissions: list[str], reach: str) -> PostTypePack:
    return PostTypePack.model_validate(
        {"kind": "PostType", "id": name, "title": name, "permissions": permissions, "reach": reach}
    )
