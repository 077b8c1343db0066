"""What the operator sees: alive, ready, figures and traces, and never a person in any of them."""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from django.db.backends.signals import connection_created
from django.test import Client
from django.utils import timezone
from opentelemetry import trace
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from tests.jobs import run_waiting
from tests.world import World
from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.base.events import publish
from yiwang.kernel.ledger import actions as ledger
from yiwang.site.watch import readiness, tracing

pytestmark = pytest.mark.django_db
ELSEWHERE = {"REMOTE_ADDR": "203.0.113.7"}
PROXIED = {"HTTP_X_FORWARDED_FOR": "203.0.113.7"}


@pytest.fixture
def away() -> Iterator[Callable[[], None]]:
    host = connection.settings_dict["HOST"]

    def take() -> None:
        connection.close()
        connection.settings_dict["HOST"] = "/nowhere"

    yield take
    connection.settings_dict["HOST"] = host


@pytest.mark.django_db(transaction=True)
def test_alive_without_database_but_not_ready(client: Client, away: Callable[[], None]) -> None:
    run_waiting()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["status"]) == (200, "ready"), answer.json()
    assert [check["name"] for check in answer.json()["checks"]] == ["database", "queue", "sequencer", "clock", "disk"]
    away()
    assert client.get("/healthz").content == b"ok\n"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    (told,) = answer.json()["checks"]
    assert (told["name"], told["is_fine"], "yiwang doctor" in told["hint"]) == ("database", False, True)
    assert b"yiwang_database_up 0.0" in client.get("/metrics").content


def test_leaves_that_nobody_numbers_are_not_ready(client: Client) -> None:
    at = timezone.now()
    ledger.append(kind="t", subject="t:1", content={}, by=SYSTEM, at=at - timedelta(seconds=61))
    answer = client.get("/readyz?check=sequencer")
    assert answer.status_code == 503
    (told,) = answer.json()["checks"]
    assert told["value"] >= 61
    assert "sequence --loop" in told["hint"]
    ledger.sequence(by=SYSTEM, at=at)
    assert client.get("/readyz?check=sequencer").status_code == 200
    # A leaf that bears an old date is no sign of a sequencer that stands still.
    ledger.append(kind="t", subject="t:2", content={}, by=SYSTEM, at=at - timedelta(days=30))
    assert readiness.sequencer_lag(at + timedelta(seconds=5)) == timedelta(seconds=5)


def test_jobs_that_nobody_runs_are_not_ready(client: Client) -> None:
    run_waiting()
    assert client.get("/readyz?check=queue").status_code == 200
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO procrastinate_jobs (queue_name, task_name, args, status, scheduled_at, attempts, priority) "
            "VALUES ('default', 't', '{}', 'todo', now() - interval '10 minutes', 0, 0)"
        )
    answer = client.get("/readyz?check=queue")
    assert (answer.status_code, answer.json()["checks"][0]["value"] >= 600) == (503, True)


def test_a_full_disk_is_not_ready(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "FREE_BYTES_LEAST", 2**62)
    assert client.get("/readyz?check=disk").status_code == 503


def test_others_learn_only_whether(client: Client) -> None:
    assert client.get("/readyz?check=nothing").status_code == 404
    for who in (ELSEWHERE, PROXIED):
        answer = client.get("/readyz?check=disk", **who)
        assert answer.json()["checks"] == [{"name": "disk", "is_fine": True}]


def test_figures_are_for_this_machine_or_the_token(
    client: Client, monkeypatch: pytest.MonkeyPatch, settings: LazySettings
) -> None:
    assert client.get("/metrics").status_code == 200
    monkeypatch.setenv("YIWANG_METRICS_TOKEN", "a-long-token")
    for who in (ELSEWHERE, PROXIED, {"REMOTE_ADDR": "not an address"}):
        assert client.get("/metrics", **who).status_code == 404
        assert client.get("/metrics", **who, headers={"authorization": "Bearer wrong"}).status_code == 404
        assert client.get("/metrics", **who, headers={"authorization": "Bearer a-long-token"}).status_code == 200
    settings.BEHIND_TLS = True
    assert client.get("/metrics").status_code == 404
    assert client.post("/metrics").status_code == 405


def test_labels_are_routes_and_never_addresses(client: Client) -> None:
    for number in range(30):
        client.get(f"/nowhere/{number}?name=陈晓岚")
        client.get(f"/v/{number:012d}")
        client.generic("BREW", "/healthz")
    text = client.get("/metrics").content.decode()
    routes = set(re.findall(r'yiwang_request_seconds_count\{method="(\w+)",route="([^"]*)",', text))
    assert ("GET", "none") in routes
    assert ("other", "/healthz") in routes
    assert not [route for _, route in routes if re.search(r"\d{3}|nowhere", route.replace("open311", ""))]
    assert "陈晓岚" not in text
    for name in ("yiwang_queue_jobs", 'yiwang_lag_seconds{of="clock"}', "yiwang_ledger_waiting", "yiwang_disk_free"):
        assert name in text


def test_events_count_when_they_are_committed(client: Client, django_capture_on_commit_callbacks: Any) -> None:
    def count() -> float:
        found = re.search(
            r'yiwang_events_total\{event="test.counted"\} ([\d.]+)', client.get("/metrics").content.decode()
        )
        return float(found[1]) if found else 0

    with django_capture_on_commit_callbacks() as rolled_back:
        publish("test.counted", {}, at=timezone.now())
    assert (len(rolled_back), count()) == (1, 0)
    with django_capture_on_commit_callbacks(execute=True):
        publish("test.counted", {}, at=timezone.now())
    assert count() == 1


@pytest.fixture
def spans(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[InMemorySpanExporter]:
    monkeypatch.setattr(tracing, "_tracer", tracing._tracer)
    exporter = InMemorySpanExporter()
    tracing.use("test", SimpleSpanProcessor(exporter))
    with connection.execute_wrapper(tracing._traced):
        yield exporter
    connection_created.disconnect(dispatch_uid="yiwang.tracing")


def test_spans_name_routes_and_statements_and_nobody(
    world: World, client_as: Callable[[str], Client], spans: InMemorySpanExporter
) -> None:
    client = client_as("mother")
    spans.clear()
    caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    client.get("/search?q=陈晓岚990102199303156", headers={"traceparent": caller, "user-agent": "陈晓岚"})
    client.post("/api/login/session", {"identifier": "13900000001", "password": "x"}, content_type="application/json")
    found = spans.get_finished_spans()
    requests = [span for span in found if span.kind is trace.SpanKind.SERVER]
    assert [span.name for span in requests] == ["GET /search", "POST /api/login/session"]
    assert f"{requests[0].context.trace_id:032x}" == caller.split("-")[1]
    statements = [span for span in found if span.kind is trace.SpanKind.CLIENT]
    assert statements
    assert {span.name for span in statements} <= tracing._VERBS | {"other"}
    assert {span.parent.span_id for span in statements if span.parent} == {span.context.span_id for span in requests}
    allowed = {"http.request.method", "http.route", "http.response.status_code", "db.system.name", "db.operation.name"}
    for span in found:
        assert set(span.attributes or ()) <= allowed
        assert not span.events
    told = "".join(span.to_json() for span in found)
    assert not [secret for secret in ("陈晓岚", "990102", "13900000001") if secret in told]


def test_spans_go_to_the_collector_of_the_setting(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[tuple[str, bytes]] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            taken.append((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            pass

    server = HTTPServer(("127.0.0.1", 0), Collector)
    Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setattr(tracing, "_tracer", tracing._tracer)
    for name in tracing.ENDPOINT:
        monkeypatch.delenv(name, raising=False)
    assert tracing.start("test") is None
    monkeypatch.setenv(tracing.ENDPOINT[0], f"http://127.0.0.1:{server.server_port}")
    provider = tracing.start("test")
    assert provider is not None
    with tracing.request_span("GET", "") as span:
        span.end("/healthz", 200)
    provider.shutdown()
    connection_created.disconnect(dispatch_uid="yiwang.tracing")
    server.shutdown()
    server.server_close()
    ((path, body),) = taken
    assert path == "/v1/traces"
    assert b"GET /healthz" in body
