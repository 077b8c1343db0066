"""Whatever comes in over JSON, by whomever: an answer or a problem that says what to do, never a failure of ours."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
import schemathesis
from django.db import transaction
from django.http import HttpResponseBase
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from schemathesis import Case, GenerationMode

from tests.families import Family
from tests.unit.services.journeys.births import filed
from yiwang.kernel.cases import queries as cases
from yiwang.site.api import api

ACTORS = ("mother", "service-centre.clerk", "city.supervisor", "city.steward")
WORDS = (
    "",
    "0",
    "'; DROP TABLE x; --",
    "\x00",
    "../../etc/passwd",
    "𠮷" * 300,
    "-1",
    "99999999999999999999",
    "%",
    "NaN",
)
METHODS = ("delete", "get", "post", "put")
UNSEEN = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


@cache
def described() -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    return whole


def operations(method: str) -> list[schemathesis.schemas.APIOperation]:
    """Every operation of the API's own description with this method."""
    found = (result.ok() for result in schemathesis.openapi.from_dict(described()).get_all_operations())
    return [operation for operation in found if operation.method == method]


@pytest.mark.parametrize("method", METHODS)
def test_no_request_is_our_failure(method: str, family: Family, clients: Mapping[str, Client]) -> None:
    ask_all(method, family, clients, examples=2)


@pytest.mark.slow
@pytest.mark.parametrize("method", METHODS)
def test_no_request_of_many_is_our_failure(method: str, family: Family, clients: Mapping[str, Client]) -> None:
    ask_all(method, family, clients, examples=100)


def ask_all(method: str, family: Family, clients: Mapping[str, Client], *, examples: int) -> None:
    known = Known(family)
    asked: set[str] = set()
    for operation in operations(method):
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            asked |= ask(operation, mode, known, clients, examples=examples)
    assert asked == {operation.label for operation in operations(method)}


def ask(
    operation: schemathesis.schemas.APIOperation,
    mode: GenerationMode,
    known: "Known",
    clients: Mapping[str, Client],
    *,
    examples: int,
) -> set[str]:
    """Send generated requests as each of the clients; returns what was asked, nothing if the mode knows no case."""
    asked: set[str] = set()

    @settings(max_examples=examples, suppress_health_check=UNSEEN, phases=[Phase.generate])
    @given(case=operation.as_strategy(generation_mode=mode), chosen=st.randoms(use_true_random=False))
    def send_one(case: Case, chosen: Any) -> None:
        path = known.path(operation.path, case.path_parameters or {}, chosen)
        name = chosen.choice(sorted(clients))
        with rolled_back():
            answer = send(clients[name], case, path)
        asked.add(operation.label)
        what = f"{name}: {operation.method} {path} {case.query} {case.body!r:.300}"
        assert_answer(answer, what)
        assert_as_described(answer, described()["paths"][operation.path][operation.method]["responses"], what)

    try:
        send_one()
    except Unsatisfiable:
        return set()
    return asked


def test_every_answer_is_described() -> None:
    """Each operation says what comes back, or that nothing does; no two shapes share a name (the description refuses that)."""
    answers = {
        f"{method} {path}": {
            status: sorted(answer.get("content", {})) for status, answer in spoken["responses"].items()
        }
        for path, ways in described()["paths"].items()
        for method, spoken in ways.items()
    }
    silent = {way for way, by_status in answers.items() if not any(by_status.values())}
    assert {way for way in silent if not answers[way].keys() & {"202", "204"}} == set()


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b'{"number": "\\u0000", "phone_tail": "0001"}', "base.unreadable"),
        (b'{"number": "\\ud800", "phone_tail": "0001"}', "base.unreadable"),
        (b"{", "base.unreadable"),
        (b"[" * 100_000, "base.unreadable"),
        (b'{"number": 5}', "base.misshapen"),
    ],
)
def test_a_bad_body_is_told_as_such(db: None, body: bytes, code: str) -> None:
    answer = Client().post("/api/applications/track", body, content_type="application/json")
    assert answer.json()["code"] == code
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_misshapen_request_names_each_place(db: None) -> None:
    answer = Client().post("/api/applications/track", b"{}", content_type="application/json")
    assert {place["message"] for place in answer.json()["places"]} == {"缺少这一项。"}


def test_a_page_refuses_what_no_database_keeps(db: None) -> None:
    assert Client().get("/matters?q=%00").status_code == 400
    refused = Client().post("/login", {"identifier": "\x00", "password": "x"})
    assert (refused.status_code, "看不见的字符" in refused.content.decode()) == (400, True)


class Known:
    """Names of things that exist, so that requests get beyond 'no such thing'."""

    def __init__(self, family: Family) -> None:
        root = filed(family)
        below = [slot.case for slot in cases.family(root.id).slots if slot.case is not None]
        tasks = [task.id for case in (root, *below) for task in cases.tasks(case.id)]
        self.values: dict[str, tuple[Any, ...]] = {
            "case_id": (root.id, *(case.id for case in below)),
            "task_id": tuple(tasks),
            "number": (root.number, root.query_code),
            "case_number": (root.number,),
            "journey_id": (family.journey_id,),
            "flow_id": ("standard.permit", "one-thing.family"),
            "system": ("household", "card-making"),
            "key": ("photo",),
        }

    def path(self, template: str, drawn: Mapping[str, Any], chosen: Any) -> str:
        """The path with each parameter known, drawn, or nonsense."""
        for name, value in drawn.items():
            kind = chosen.randrange(4)
            taken = chosen.choice(WORDS[1:]) if kind == 0 else value
            if kind > 1 and name in self.values:
                taken = chosen.choice(self.values[name])
            template = template.replace("{" + name + "}", _quoted(taken))
        return template


def send(client: Client, case: Case, path: str) -> HttpResponseBase:
    query = {name: value for name, value in (case.query or {}).items() if value is not None}
    headers = {name: str(value) for name, value in (case.headers or {}).items() if _is_header(str(value))}
    body: Any = {}
    if isinstance(case.body, dict | list | str | int | float | bool | None):
        body = {"data": json.dumps(case.body), "content_type": "application/json"}
    return client.generic(case.method, path, query_params=query, headers=headers, **body)


def assert_answer(answer: HttpResponseBase, what: str) -> None:
    said = getattr(answer, "content", b"").decode("utf-8", "replace")
    is_ours = answer.status_code >= 500 and "ledger.not-yet-numbered" not in said
    assert not is_ours, f"{what}\n{answer.status_code} {said[:2000]}"
    if answer.status_code >= 400 and answer.status_code != 404:
        assert _explains(said, answer.headers.get("Content-Type", "")), f"{what}\n{said[:2000]}"


def assert_as_described(answer: HttpResponseBase, responses: Mapping[str, Any], what: str) -> None:
    """An answer in JSON has the shape that the description promises for its status."""
    media_type = answer.headers.get("Content-Type", "").partition(";")[0]
    if answer.status_code >= 300 or answer.status_code in (202, 204):
        return
    promised = responses[str(answer.status_code)]["content"][media_type]["schema"]
    if media_type != "application/json":
        return
    reader = Draft202012Validator({**promised, "components": described()["components"]})
    wrong = [f"{error.json_path}: {error.message:.300}" for error in reader.iter_errors(json.loads(answer.content))]
    assert not wrong, f"{what}\n{wrong[:5]}"


def _explains(said: str, content_type: str) -> bool:
    """A problem document; of Open311 a list of errors, in the format that was asked for."""
    if "xml" in content_type:
        return all(error.findtext("description") for error in ElementTree.fromstring(said).findall("error"))
    problem = json.loads(said)
    if isinstance(problem, list):
        return all(error["description"] for error in problem)
    return bool(problem["title"])


@contextmanager
def rolled_back() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.fixture
def clients(client_as: Any) -> dict[str, Client]:
    signed_in = {name: client_as(name) for name in ACTORS}
    for client in (*signed_in.values(), anyone := Client()):
        client.raise_request_exception = False
    return {"anyone": anyone, **signed_in}


def _quoted(value: Any) -> str:
    return quote(str(value), safe="")


def _is_header(value: str) -> bool:
    return value.isascii() and value.isprintable()
