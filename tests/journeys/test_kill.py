"""Killed in mid-load: no acknowledged filing is lost, none is doubled, numbers have no gaps, the ledger verifies."""

import os
import shutil
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
import yaml
from django.db import connection, connections
from django.utils import timezone

from tests.journeys.birth_api import JOURNEY, BirthApi
from tests.journeys.load import Load, serials
from tests.journeys.outside_world import as_json
from tests.patience import PATIENCE_SECONDS, free_port, until
from yiwang.kernel.cases.models import Case
from yiwang.site import paths
from yiwang.site.postgres import Cluster

THREADS = 4
OUR_BACKENDS = """
SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()
"""


@pytest.mark.django_db(transaction=True)
def test_database_connections_cut_in_mid_load(birth: BirthApi) -> None:
    sent = as_json(birth.body(photo=False))
    client = birth.client("mother")
    client.raise_request_exception = False

    def send(key: str) -> tuple[int, str]:
        try:
            answer = client.post(f"{JOURNEY}/filings", **sent, headers={"Idempotency-Key": key})
            return answer.status_code, answer.json().get("number", "")
        except Exception:  # noqa: BLE001 - whatever a cut connection does to the caller, it is not an acknowledgement
            return 0, ""
        finally:
            connections.close_all()

    load, cut = Load(send), list[int]()
    keys = [f"filing-{n:03d}" for n in range(10)]
    # Every key is sent twice at about the same time, as an impatient thumb does.
    with load.running([key for key in keys for _ in range(2)], threads=THREADS):
        for reached in (2, 5):
            load.wait_for(reached)
            cut.append(_cut_connections(at_least=1))
    assert all(cut)
    kept = list(Case.objects.filter(kind="journey").values_list("number", flat=True))
    assert sorted(kept) == sorted(load.acknowledged.values())
    assert len(kept) == len(set(kept)) == len(keys)
    assert serials(kept) == list(range(min(serials(kept)), min(serials(kept)) + len(keys)))


def _cut_connections(*, at_least: int) -> int:
    """End every other connection to this database; between two requests there may be none for a moment."""
    cut = 0

    def enough() -> bool:
        nonlocal cut
        with connection.cursor() as cursor:
            cursor.execute(OUR_BACKENDS)
            cut += cursor.fetchone()[0]
        return cut >= at_least

    until(enough, "nobody was connected in mid-load")
    return cut


@pytest.mark.slow
def test_server_and_database_killed_in_mid_load(site: "Site") -> None:
    load = Load(site.file)
    keys = [f"killed-{n:03d}" for n in range(40)]
    with load.running(keys, threads=THREADS):
        load.wait_for(5)
        site.kill_worker()
        load.wait_for(15)
        site.kill_postmaster()
        load.wait_for(25)
        site.kill_worker()
        site.kill_postmaster()
    print(f"acknowledged {len(load.acknowledged)}, unanswered {load.unanswered}, failed {load.failed}")  # noqa: T201
    assert load.unanswered + load.failed > 0

    kept = site.numbers()
    assert sorted(kept) == sorted(load.acknowledged.values())
    assert len(set(kept)) == len(kept) == len(keys)
    assert serials(kept) == list(range(min(serials(kept)), min(serials(kept)) + len(keys)))
    again = Load(site.file)
    with again.running(keys, threads=THREADS):
        pass
    assert again.acknowledged == load.acknowledged
    assert sorted(site.numbers()) == sorted(kept)
    assert "sound" in site.verify()


class Site:
    """An installation of the test's own, with its demo mother signed in; kills only what it started."""

    def __init__(self, home: Path, port: int) -> None:
        self.home, self.base = home, f"http://127.0.0.1:{port}"
        names = ("YIWANG_CLUSTER", "DJANGO_SETTINGS_MODULE", "YIWANG_DATABASE_URL")
        self.environment = {name: value for name, value in os.environ.items() if name not in names}
        self.environment |= {"YIWANG_HOME": str(home), "YIWANG_WORKERS": "2", "PYTHONPATH": str(paths.ROOT / "src")}
        self.said = open(home / "up.txt", "w+", encoding="utf-8")  # noqa: SIM115 - lives as long as the process
        size = ("--residents", "100", "--history", "0")
        self.process = self._yiwang(subprocess.Popen, "up", "--port", str(port), *size, stdout=self.said)
        self.cluster = Cluster(home / "pg")
        self.cookies: dict[str, str] = {}
        self.token = ""
        self.body = _filing()

    def sign_in(self) -> None:
        _until(self.answers, self)
        demo = yaml.safe_load((paths.ROOT / "packs/anlan/demo/place.yaml").read_text("utf-8"))
        with httpx.Client(base_url=self.base, trust_env=False, verify=False, timeout=30) as client:
            token = client.get("/api/login/whoami").json()["csrf_token"]
            body = {"identifier": demo["residents"][0]["username"], "password": demo["password"]}
            answer = client.post("/api/login/session", json=body, headers={"X-CSRFToken": token})
            assert answer.status_code == 200, answer.text
            self.token, self.cookies = answer.json()["csrf_token"], dict(client.cookies)

    def file(self, key: str) -> tuple[int, str]:
        """Send one filing; 0 when the connection broke."""
        try:
            answer = self._request("POST", f"{JOURNEY}/filings", json=self.body, headers={"Idempotency-Key": key})
        except httpx.HTTPError:
            return 0, ""
        return answer.status_code, answer.json()["number"] if answer.status_code == 201 else answer.text[:300]

    def numbers(self) -> list[str]:
        """Every filing that the mother has, page by page."""
        found: list[str] = []
        cursor = ""
        while True:
            page = self._request(
                "GET", "/api/cases/mine", params={"size": 100} | ({"cursor": cursor} if cursor else {})
            )
            assert page.status_code == 200, page.text
            found += [case["number"] for case in page.json()["items"] if case["parent_id"] is None]
            cursor = page.json()["next_cursor"]
            if not cursor:
                return found

    def _read(self, path: str, params: dict[str, Any]) -> httpx.Response:
        """Read patiently: what was killed may still be coming back."""
        for _ in range(5):
            page = self._request("GET", path, params=params)
            if page.status_code == 200:
                return page
        raise AssertionError(f"{path}: {page.status_code} {page.text[:300]}")

    def kill_worker(self) -> None:
        """kill -9 one gunicorn worker of ours."""
        children = psutil.Process(self.process.pid).children(recursive=True)
        web = [child for child in children if "gunicorn" in " ".join(child.cmdline())]
        workers = [child for child in web if child.ppid() in {each.pid for each in web}]
        workers[0].kill()

    def kill_postmaster(self) -> None:
        """kill -9 our PostgreSQL and wait until another one serves."""
        killed = self.cluster.pid()
        assert killed is not None
        psutil.Process(killed).kill()
        _until(lambda: self.cluster.pid() not in (None, killed) and self.answers(), self)

    def verify(self) -> str:
        done = self._yiwang(subprocess.run, "ledger", "verify", stdout=subprocess.PIPE)
        assert done.returncode == 0, done.stdout
        return str(done.stdout)

    def answers(self) -> bool:
        with suppress(OSError), urllib.request.urlopen(f"{self.base}/readyz?check=database", timeout=30) as answer:
            return bool(answer.status == 200)
        return False

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=PATIENCE_SECONDS)
        self.said.close()
        self.cluster.stop()

    def _yiwang(self, run: Callable[..., Any], *arguments: str, **more: Any) -> Any:
        command = [sys.executable, "-m", "yiwang", *arguments]
        return run(command, env=self.environment, text=True, stderr=subprocess.STDOUT, **more)

    def _request(self, method: str, path: str, *, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        own = {"X-CSRFToken": self.token, **(headers or {})}
        with httpx.Client(
            base_url=self.base, trust_env=False, verify=False, timeout=60, cookies=self.cookies
        ) as client:
            return client.request(method, path, headers=own, **more)


@pytest.fixture
def site() -> Iterator[Site]:
    home = Path(tempfile.mkdtemp(prefix="yiwang-kill-"))
    for name in ("assets", "static-vendor"):
        shutil.copytree(paths.HOME / name, home / name)
    started = Site(home, free_port())
    try:
        started.sign_in()
        yield started
    finally:
        started.stop()
        shutil.rmtree(home)


def _filing() -> dict[str, Any]:
    """The first worked example of the journey, born yesterday."""
    pack = yaml.safe_load((paths.ROOT / "packs/anhe/birth/one-thing.yaml").read_text("utf-8"))
    answers = dict(pack["examples"][0]["given"])
    yesterday = timezone.localdate() - timedelta(days=1)
    answers["children"] = [{**answers["children"][0], "child_born_at": f"{yesterday}T08:30"}]
    return {"region": "990102000000", "answers": answers}


def _until(holds: Callable[[], bool], site: Site) -> None:
    def seen() -> bool:
        assert site.process.poll() is None, (site.home / "up.txt").read_text("utf-8")
        return holds()

    until(seen, f"see {site.home / 'up.txt'}")
