"""A flow as BPMN 2.0: true to the flow, valid by OMG's own schema, and opened by bpmn-js without a complaint."""

from collections.abc import Iterator
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from django.test import Client
from lxml import etree
from playwright.sync_api import Browser, Page

from tests.flows import AWAY, LEAGUE, POLL, TENNIS, WEATHER, flow
from tests.world import place_packs
from yiwang.kernel.cases._bpmn_xml import document
from yiwang.kernel.cases._flow import Flow, flow_of
from yiwang.kernel.cases.kinds import FLOW, FlowPack
from yiwang.site import assets, paths
from yiwang.site.cli.cases import command

B = "{http://www.omg.org/spec/BPMN/20100524/MODEL}"
DC = "{http://www.omg.org/spec/DD/20100524/DC}"
SHAPE = "{http://www.omg.org/spec/BPMN/20100524/DI}BPMNShape"


def _flows() -> list[Flow]:
    shipped = [flow_of(pack.as_type(FlowPack), "x") for pack in place_packs().all_of(FLOW)]
    return [*map(flow, (TENNIS, LEAGUE, AWAY, WEATHER, POLL)), *shipped]


FLOWS = pytest.mark.parametrize("drawn", _flows(), ids=lambda one: one.id)


@pytest.fixture(scope="module")
def schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(assets.test_folder() / "BPMN20.xsd"))


@FLOWS
def test_it_is_valid_by_the_schema_of_the_standard(drawn: Flow, schema: etree.XMLSchema) -> None:
    schema.assertValid(etree.fromstring(document(drawn).encode()))


@FLOWS
def test_elements_do_not_stand_on_each_other(drawn: Flow) -> None:
    root = ElementTree.fromstring(document(drawn))
    timers = {element.get("id") for element in root.iter(f"{B}boundaryEvent")}
    boxes = [
        (shape.get("bpmnElement"), *(float(bounds.get(side, "")) for side in ("x", "y", "width", "height")))
        for shape in root.iter(SHAPE)
        if shape.get("bpmnElement") not in timers and (bounds := shape.find(f"{DC}Bounds")) is not None
    ]
    for number, (one, x, y, width, height) in enumerate(boxes):
        assert x >= 0
        assert y >= 0
        for other, left, top, across, down in boxes[number + 1 :]:
            apart = x + width <= left or left + across <= x or y + height <= top or top + down <= y
            assert apart, f"{one} stands on {other}"


def test_every_step_choice_limit_and_join_is_there() -> None:
    root = ElementTree.fromstring(document(flow(TENNIS)))
    names = {element.get("id"): (element.tag.removeprefix(B), element.get("name")) for element in root.iter()}
    assert names["step-request"] == ("userTask", "报名")
    assert names["step-match"] == ("parallelGateway", "比赛")
    assert names["join-match"][0] == "complexGateway"
    assert root.findtext(f".//{B}complexGateway/{B}activationCondition") == "arrived >= 2"
    assert names["flow.request.enter"] == ("sequenceFlow", "入场")
    assert names["limit-request"] == ("boundaryEvent", "2个工作日")
    assert root.findtext(f".//{B}boundaryEvent[@id='limit-request']//{B}timeDuration") == "2 workdays"
    assert names["step-end"] == ("endEvent", "散场")
    assert "赛季：10个工作日；到办结为止" in (root.findtext(f".//{B}textAnnotation/{B}text") or "")


def test_an_alarm_leaves_the_step_open_and_silence_ends_it() -> None:
    root = ElementTree.fromstring(document(flow(TENNIS)))
    alarm, silence = (root.find(f".//{B}boundaryEvent[@id='limit-{name}']") for name in ("request", "photo"))
    assert alarm is not None
    assert silence is not None
    assert (alarm.get("cancelActivity"), silence.get("cancelActivity")) == ("false", "true")
    leads = {line.get("id"): line.get("targetRef") for line in root.iter(f"{B}sequenceFlow")}
    assert leads["limit.photo.silence"] == "step-end"
    assert leads["limit.request.late"] == "late-request"


def test_subcases_are_called_many_at_a_time() -> None:
    root = ElementTree.fromstring(document(flow(LEAGUE)))
    (call,) = root.iter(f"{B}callActivity")
    assert call.find(f"{B}multiInstanceLoopCharacteristics") is not None
    lines = {line.get("name") for line in root.iter(f"{B}sequenceFlow") if line.get("sourceRef") == "which-matches"}
    assert lines == {"办成", "部分办成", "都没办成"}


def test_a_step_of_many_is_one_task_with_the_marker() -> None:
    root = ElementTree.fromstring(document(flow(POLL)))
    (poll,) = root.findall(f".//{B}userTask[@id='step-poll']")
    assert poll.findtext(f"{B}multiInstanceLoopCharacteristics/{B}completionCondition") == "done >= 2"
    leads = {line.get("name"): line.get("targetRef") for line in root.iter(f"{B}sequenceFlow")}
    assert (leads["够数"], leads["不够数"], leads["叫停"]) == ("step-seal", "step-draft", "step-end")
    assert "不同意" not in leads


@FLOWS
def test_every_line_joins_two_elements_that_say_so(drawn: Flow) -> None:
    root = ElementTree.fromstring(document(drawn))
    known = {element.get("id") for element in root.iter()}
    for line in root.iter(f"{B}sequenceFlow"):
        ends = (line.get("sourceRef"), line.get("targetRef"))
        assert set(ends) <= known
        for end, tag in zip(ends, ("outgoing", "incoming"), strict=True):
            node = root.find(f".//*[@id='{end}']")
            assert node is not None
            assert line.get("id") in [each.text for each in node.findall(f"{B}{tag}")]


def test_words_from_packs_are_escaped() -> None:
    text = document(flow(TENNIS.replace("name: 报名", 'name: "<b>&报名"')))
    assert ElementTree.fromstring(text).find(f".//{B}userTask[@name='<b>&报名']") is not None


@pytest.fixture(scope="module")
def viewer(browser: Browser) -> Iterator[Page]:
    """bpmn-js in an empty page, without a network."""
    page = browser.new_page(viewport={"width": 1800, "height": 1000}, offline=True)
    page.set_content('<div id="canvas" style="height: 1000px"></div>')
    page.add_script_tag(path=assets.test_folder() / "bpmn-viewer.js")
    yield page
    page.close()


OPEN = """async (xml) => {
  document.querySelector('#canvas').replaceChildren();
  const viewer = new BpmnJS({container: '#canvas'});
  const {warnings} = await viewer.importXML(xml);
  viewer.get('canvas').zoom('fit-viewport');
  return [warnings.map(String), viewer.get('elementRegistry').getAll().map((one) => one.id)];
}"""


@FLOWS
def test_bpmn_js_opens_it(drawn: Flow, viewer: Page) -> None:
    warnings, drawn_ids = viewer.evaluate(OPEN, document(drawn))
    viewer.screenshot(path=paths.folder("screenshots") / f"bpmn-{drawn.id}.png")
    assert warnings == []
    assert {f"step-{name}" for name in drawn.steps} <= set(drawn_ids)


def test_it_can_be_downloaded(world: object) -> None:
    answer = Client().get("/api/flows/standard.permit/bpmn")
    assert answer.status_code == 200
    assert answer["Content-Disposition"] == 'attachment; filename="standard.permit.bpmn"'
    assert ElementTree.fromstring(answer.content).tag == f"{B}definitions"
    assert Client().get("/api/flows/no.such.flow/bpmn").status_code == 404


def test_the_command_writes_a_file(tmp_path: "object") -> None:
    file = f"{tmp_path}/permit.bpmn"
    done = CliRunner().invoke(command, ["bpmn", "standard.permit", "--out", file])
    assert done.exit_code == 0, done.output
    assert ElementTree.parse(file).getroot().tag == f"{B}definitions"
