"""Where the boxes of a flow's picture stand: layers by longest way, long ways through every layer between."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases._graph import ways
from yiwang.kernel.cases._views import said
from yiwang.kernel.cases.kinds import JOIN, ParallelStep, Step, Waiting

PASSES = 4


@dataclass(frozen=True, slots=True)
class Edge:
    """One way from box to box; `label` names the choice where there are several."""

    source: str
    target: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Layout:
    """Layer and place within it of every box; `routes` are the places an edge passes on its way, `back` runs backwards."""

    places: Mapping[str, tuple[int, float]]
    routes: Mapping[Edge, tuple[tuple[int, float], ...]]
    back: frozenset[Edge]
    layers: int
    breadth: float


@dataclass(slots=True)
class _Grid:
    layer: dict[str, int] = field(default_factory=dict)
    rows: list[list[str]] = field(default_factory=list)
    links: dict[str, list[str]] = field(default_factory=dict)


def join_of(fork: str) -> str:
    """The box at which the branches of a parallel step meet."""
    return f"{fork}+"


def laid_out(flow: Flow) -> Layout:
    """Lay out a flow; equal flows look equal."""
    edges = list(dict.fromkeys(_edges(flow)))
    back = _backwards(edges, flow.body.start)
    forward = {edge: (edge.target, edge.source) if edge in back else (edge.source, edge.target) for edge in edges}
    grid = _Grid(layer=_layers(list(forward.values()), flow.body.start))
    routes = {edge: _threaded(grid, number, *ends) for number, (edge, ends) in enumerate(forward.items())}
    _fill(grid)
    for turn in range(PASSES):
        _sort(grid, downwards=turn % 2 == 0)
    breadth = max(len(row) for row in grid.rows)
    spot = {
        name: (layer, index + (breadth - len(row)) / 2)
        for layer, row in enumerate(grid.rows)
        for index, name in enumerate(row)
    }
    places = {name: spot[name] for name in spot if not name.startswith("~")}
    passed = {edge: tuple(spot[name] for name in names) for edge, names in routes.items()}
    return Layout(places, passed, frozenset(back), len(grid.rows), breadth)


def _edges(flow: Flow) -> Iterator[Edge]:
    for name, step in flow.steps.items():
        if isinstance(step, ParallelStep):
            yield from (Edge(name, branch) for branch in step.branches)
            yield Edge(join_of(name), target_of(flow, name, step.to))
            continue
        labels: dict[str, list[str]] = {}
        for way in ways(step):
            labels.setdefault(target_of(flow, name, way.to), []).append(_label(step, way.where))
        for target, words in labels.items():
            yield Edge(name, target, "/".join(filter(None, words)) if len(labels) > 1 else "")


def _label(step: Step, where: str) -> str:
    choice = where.split(".")[1] if where.startswith("choices.") else ""
    return said(step.choices[choice].name) if choice and isinstance(step, Waiting) else ""


def target_of(flow: Flow, name: str, to: str) -> str:
    return join_of(flow.scopes[name][-1][0]) if to == JOIN else to


def _backwards(edges: list[Edge], start: str) -> set[Edge]:
    """Ways that lead back to a box that is still being gone through."""
    out: dict[str, list[Edge]] = {}
    for edge in edges:
        out.setdefault(edge.source, []).append(edge)
    back: set[Edge] = set()
    done: set[str] = set()
    path: list[tuple[str, Iterator[Edge]]] = [(start, iter(out.get(start, ())))]
    on_path = {start}
    while path:
        name, rest = path[-1]
        onward = next(rest, None)
        if onward is None:
            path.pop()
            on_path.discard(name)
            done.add(name)
        elif onward.target in on_path:
            back.add(onward)
        elif onward.target not in done:
            on_path.add(onward.target)
            path.append((onward.target, iter(out.get(onward.target, ()))))
    return back


def _layers(pairs: list[tuple[str, str]], start: str) -> dict[str, int]:
    """The longest way from the start to each box; the pairs run in no circle."""
    layer = {start: 0}
    for name in (end for pair in pairs for end in pair):
        layer.setdefault(name, 0)
    for _ in layer:
        moved = [
            (target, layer[source] + 1)
            for source, target in pairs
            if source != target and layer[target] <= layer[source]
        ]
        if not moved:
            break
        for target, at in moved:
            layer[target] = max(layer[target], at)
    return layer


def _threaded(grid: _Grid, number: int, source: str, target: str) -> list[str]:
    """The unseen boxes that keep a place for an edge in every layer it crosses."""
    crossed = [f"~{number}.{at}" for at in range(grid.layer[source] + 1, grid.layer[target])]
    for at, name in enumerate(crossed, grid.layer[source] + 1):
        grid.layer[name] = at
    chain = [source, *crossed, target]
    for first, second in pairwise(chain):
        grid.links.setdefault(first, []).append(second)
        grid.links.setdefault(second, []).append(first)
    return crossed


def _fill(grid: _Grid) -> None:
    grid.rows = [[] for _ in range(max(grid.layer.values()) + 1)]
    for name, at in grid.layer.items():
        grid.rows[at].append(name)


def _sort(grid: _Grid, *, downwards: bool) -> None:
    """Move every box next to what it hangs on in the layer before (or after)."""
    order = range(1, len(grid.rows)) if downwards else range(len(grid.rows) - 2, -1, -1)
    for at in order:
        beside = grid.rows[at - 1 if downwards else at + 1]
        middle = {name: index - (len(beside) - 1) / 2 for index, name in enumerate(beside)}
        own = {name: index - (len(grid.rows[at]) - 1) / 2 for index, name in enumerate(grid.rows[at])}

        def weight(name: str, middle: dict[str, float] = middle, own: dict[str, float] = own) -> float:
            near = [middle[other] for other in grid.links.get(name, ()) if other in middle]
            return sum(near) / len(near) if near else own[name]

        grid.rows[at].sort(key=weight)
