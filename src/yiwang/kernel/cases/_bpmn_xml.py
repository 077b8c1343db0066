"""BPMN 2.0 XML with its picture (BPMN DI): the elements of `_bpmn` where `_layout` puts their steps."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from yiwang.kernel.cases._bpmn import START, Diagram, Line, Node, diagram
from yiwang.kernel.cases._flow import Flow
from yiwang.kernel.cases._layout import Layout, laid_out

MODEL = "http://www.omg.org/spec/BPMN/20100524/MODEL"
BPMNDI = "http://www.omg.org/spec/BPMN/20100524/DI"
DC = "http://www.omg.org/spec/DD/20100524/DC"
DI = "http://www.omg.org/spec/DD/20100524/DI"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
PREFIXES = {"bpmn": MODEL, "bpmndi": BPMNDI, "dc": DC, "di": DI, "xsi": XSI}
HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'
LIMITS = "urn:yiwang:limit"
"""The language of a timer's expression: `5 workdays`, which ISO 8601 has no words for."""

TASK, GATE, EVENT = (116, 80), (50, 50), (36, 36)
CELL, COLUMN, ROW = 196, 300, 200
LEFT, TOP, LANES = 130, 170, 6
_SIZES = {"startEvent": EVENT, "endEvent": EVENT, "boundaryEvent": EVENT}

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    width: float
    height: float

    @property
    def left(self) -> Point:
        return self.x, self.y + self.height / 2

    @property
    def right(self) -> Point:
        return self.x + self.width, self.y + self.height / 2

    @property
    def top(self) -> Point:
        return self.x + self.width / 2, self.y

    @property
    def bottom(self) -> Point:
        return self.x + self.width / 2, self.y + self.height


def document(flow: Flow) -> str:
    """A flow as a BPMN 2.0 file."""
    for prefix, uri in PREFIXES.items():
        ElementTree.register_namespace(prefix, uri)
    drawn = diagram(flow)
    root = Element(f"{{{MODEL}}}definitions", id=f"definitions-{flow.id}", targetNamespace="urn:yiwang:flows")
    root.set("exporter", "Yiwang")
    root.set("exporterVersion", f"{flow.id}@{flow.version}")
    _process(root, drawn)
    _Picture(drawn, laid_out(flow)).add_to(root)
    ElementTree.indent(root)
    return HEAD + ElementTree.tostring(root, encoding="unicode") + "\n"


def _process(root: Element, drawn: Diagram) -> None:
    process = _add(root, "process", id=drawn.id, name=drawn.name, isExecutable="false")
    _documented(process, drawn.notes)
    for node in drawn.nodes:
        _node(process, node, drawn.lines)
    for line in drawn.lines:
        element = _add(process, "sequenceFlow", id=line.id, sourceRef=line.source, targetRef=line.target)
        if line.name:
            element.set("name", line.name)
        _documented(element, line.notes)
    if drawn.clocks:
        _add(_add(process, "textAnnotation", id="clocks"), "text").text = drawn.clocks


def _node(process: Element, node: Node, lines: Sequence[Line]) -> None:
    element = _add(process, node.tag, id=node.id)
    if node.name:
        element.set("name", node.name)
    if node.tag == "boundaryEvent":
        element.set("attachedToRef", f"step-{node.of}")
        element.set("cancelActivity", "true" if node.interrupts else "false")
    _documented(element, node.notes)
    for line in lines:
        if line.target == node.id:
            _add(element, "incoming").text = line.id
    for line in lines:
        if line.source == node.id:
            _add(element, "outgoing").text = line.id
    _inside(element, node)


def _inside(element: Element, node: Node) -> None:
    if node.performer:
        _add(element, "performer", id=f"{node.id}.performer", name=node.performer)
    if node.tag == "complexGateway":
        _expression(element, "activationCondition", f"arrived >= {node.enough}")
    elif node.enough:
        many = _add(element, "multiInstanceLoopCharacteristics", isSequential="false")
        if node.enough != "all":
            _expression(many, "completionCondition", f"done >= {1 if node.enough == 'any' else node.enough}")
    if node.limit:
        _expression(_add(element, "timerEventDefinition"), "timeDuration", node.limit.text)
    if node.terminates:
        _add(element, "terminateEventDefinition")


def _expression(parent: Element, tag: str, text: str) -> None:
    element = _add(parent, tag, language=LIMITS)
    element.set(f"{{{XSI}}}type", "bpmn:tFormalExpression")
    element.text = text


def _documented(element: Element, notes: str) -> None:
    if notes:
        _add(element, "documentation").text = notes


def _add(parent: Element, tag: str, **attributes: str) -> Element:
    return SubElement(parent, f"{{{MODEL}}}{tag}", attributes)


class _Picture:
    """Where every element stands; a way bends only between columns, each in a lane of its own."""

    def __init__(self, drawn: Diagram, layout: Layout) -> None:
        self.drawn = drawn
        self.layout = layout
        self.routes = {(edge.source, edge.target): route for edge, route in layout.routes.items()}
        self.boxes = {node.id: self._box(node) for node in drawn.nodes}
        self.lanes: Counter[int] = Counter()
        self.returned: Counter[str] = Counter()
        self.told: Counter[tuple[str, float]] = Counter()

    def add_to(self, root: Element) -> None:
        whole = SubElement(root, f"{{{BPMNDI}}}BPMNDiagram", id="diagram")
        plane = SubElement(whole, f"{{{BPMNDI}}}BPMNPlane", id="plane", bpmnElement=self.drawn.id)
        for node in self.drawn.nodes:
            self._shape(plane, node)
        if self.drawn.clocks:
            lines = self.drawn.clocks.split("\n")
            longest = max(map(len, lines))
            note = SubElement(plane, f"{{{BPMNDI}}}BPMNShape", id="clocks.shape", bpmnElement="clocks")
            _bounds(note, Box(LEFT, 10, min(900, 40 + 13 * longest), 30 + 18 * len(lines)))
        for line in self.drawn.lines:
            self._edge(plane, line)

    def _box(self, node: Node) -> Box:
        top_down = self.drawn.clocks.count("\n") * 18
        first = next(line.way[1] for line in self.drawn.lines if line.source == START)
        layer, row = self.layout.places[first if node.of == START else node.of]
        x, y = LEFT + layer * COLUMN, TOP + top_down + row * ROW
        width, height = _SIZES.get(node.tag, GATE if node.tag.endswith("Gateway") else TASK)
        if node.tag == "startEvent":
            return Box(x - 90, y - 18, *EVENT)
        if node.tag == "boundaryEvent":
            return Box(x + 12, y + TASK[1] / 2 - 18, *EVENT)
        if node.id == f"late-{node.of}":
            return Box(x + 76, y + TASK[1] / 2 + 26, *EVENT)
        aside = CELL - GATE[0] if node.tag == "exclusiveGateway" else 0 if width == TASK[0] else 33
        return Box(x + aside, y - height / 2, width, height)

    def _shape(self, plane: Element, node: Node) -> None:
        shape = SubElement(plane, f"{{{BPMNDI}}}BPMNShape", id=f"{node.id}.shape", bpmnElement=node.id)
        if node.tag == "exclusiveGateway":
            shape.set("isMarkerVisible", "true")
        box = self.boxes[node.id]
        _bounds(shape, box)
        if node.name and node.tag not in ("userTask", "serviceTask", "callActivity"):
            beside = (box.x + 18, box.y + 20) if node.tag == "boundaryEvent" else (box.x - 27, box.y + box.height + 2)
            _label(shape, beside)

    def _edge(self, plane: Element, line: Line) -> None:
        edge = SubElement(plane, f"{{{BPMNDI}}}BPMNEdge", id=f"{line.id}.edge", bpmnElement=line.id)
        points = self._points(line)
        for x, y in points:
            SubElement(edge, f"{{{DI}}}waypoint", x=f"{x:.0f}", y=f"{y:.0f}")
        if line.name:
            _label(edge, *self._beside(line, points))

    def _beside(self, line: Line, points: Sequence[Point]) -> tuple[Point, float]:
        """Where a way's words stand, and how wide: on its first level stretch, stacked where several share one."""
        width = 12.0 * len(line.name) + 6
        if line.source.startswith("limit-"):
            return (points[1][0] + 4, points[1][1] + 3), width
        level = 0 if points[0][1] == points[1][1] and len(points) == 2 else 2 if points[0][1] == points[1][1] else 1
        (x, y), onward = points[level], points[level + 1][0]
        self.told[line.source, y] += 1
        left = min(x + 6, onward - width - 12) if onward > x else x - width - 6
        return (left, y - 16 * self.told[line.source, y]), width

    def _points(self, line: Line) -> list[Point]:
        source, target = self.boxes[line.source], self.boxes[line.target]
        if line.way[0] == line.way[1] or line.source == START:
            return self._inner(line, source, target)
        if line.source.startswith("limit-"):
            start = [source.bottom, (source.bottom[0], source.bottom[1] + 12)]
        elif target.x > source.x:
            return self._forwards(line, [source.right], target)
        else:
            start = self._turned(line, source, target)
        return self._backwards(line, start, target) if target.x <= source.x else self._forwards(line, start, target)

    def _turned(self, line: Line, source: Box, target: Box) -> list[Point]:
        """A way back leaves on the side that it runs to."""
        route = self.routes.get(line.way, ())
        onward = self._row(route[-1][1]) if route else target.top[1]
        away = 22 + 6 * (self._lane(-1) % 3)
        if onward > source.bottom[1]:
            return [source.bottom, (source.bottom[0], source.bottom[1] + away)]
        return [source.top, (source.top[0], source.top[1] - away)]

    def _inner(self, line: Line, source: Box, target: Box) -> list[Point]:
        """Within one step's place: to its gateway, from a timer to the alarm, or back to the step itself."""
        if line.source.startswith("limit-"):
            return [source.bottom, (source.bottom[0], target.left[1]), target.left]
        if source.right[0] <= target.left[0]:
            return [source.right, target.left]
        above = source.top[1] - 40
        return [source.top, (source.top[0], above), (target.top[0], above), target.top]

    def _forwards(self, line: Line, start: list[Point], target: Box) -> list[Point]:
        points, at = list(start), start[-1][1]
        layer = self.layout.places[line.way[0]][0]
        for place in (*self.routes.get(line.way, ()), None):
            y = self._row(place[1]) if place else target.left[1]
            bend = LEFT + layer * COLUMN + CELL + 14 + 14 * (self._lane(layer) % LANES)
            points += [(bend, at), (bend, y)]
            at, layer = y, layer + 1
        return _straightened([*points, target.left])

    def _backwards(self, line: Line, start: list[Point], target: Box) -> list[Point]:
        points, at = list(start), start[-1][1]
        for layer, row in reversed(self.routes.get(line.way, ())):
            bend = LEFT + layer * COLUMN + CELL + 14 + 14 * (self._lane(layer) % LANES)
            points += [(bend, at), (bend, self._row(row))]
            at = self._row(row)
        if at > target.bottom[1]:
            return _straightened([*points, (target.bottom[0] + 30, at), (target.bottom[0] + 30, target.bottom[1])])
        self.returned[line.target] += 1
        aside = 14 * self.returned[line.target] - 28
        above, x = target.top[1] - 36 + aside, target.top[0] + aside
        return _straightened([*points, (points[-1][0], above), (x, above), (x, target.top[1])])

    def _row(self, row: float) -> float:
        return TOP + self.drawn.clocks.count("\n") * 18 + row * ROW

    def _lane(self, layer: int) -> int:
        self.lanes[layer] += 1
        return self.lanes[layer] - 1


def _straightened(points: Sequence[Point]) -> list[Point]:
    """Without points that stand on the one before, or between two in one line."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and (kept[-2][0] == kept[-1][0] == point[0] or kept[-2][1] == kept[-1][1] == point[1]):
            kept[-1] = point
        else:
            kept.append(point)
    return kept


def _bounds(parent: Element, box: Box) -> None:
    SubElement(
        parent,
        f"{{{DC}}}Bounds",
        x=f"{box.x:.0f}",
        y=f"{box.y:.0f}",
        width=f"{box.width:.0f}",
        height=f"{box.height:.0f}",
    )


def _label(parent: Element, at: Point, width: float = 90) -> None:
    _bounds(SubElement(parent, f"{{{BPMNDI}}}BPMNLabel"), Box(*at, width, 14))
