"""Residents who file, clerks who decide and somebody who looks, all at once, until told to stop; nobody gives up on a filing."""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from io import BytesIO
from typing import Any

import httpx
from django.utils import timezone
from PIL import Image

from tests.outage.site import Site

MATTER = "anlan.police.residence-permit"
OFFICE = "990102000000"
CLERKS = (("ld.police.window", "intake", "accept"), ("ld.police.reviewer", "handle", "done"))
PAGES = ("/my", "/matters", "/api/cases/mine", "/api/cases/counts")
# What those see that are told to try again.
SORRY = ("base.database-away", "base.disk-full", "暂时办不了")
STEP_SECONDS = 0.3
PATIENCE_SECONDS = 300


class Crowd:
    """What was acknowledged under which key, what everybody was answered, and what nobody should have been."""

    def __init__(self, site: Site, *, filers: int = 4, pause: float = STEP_SECONDS) -> None:
        """`pause` between two filings of one person, who may file 200 times an hour and no more."""
        self.site, self.pause = site, pause
        self.acknowledged: dict[str, str] = {}
        self.answers: Counter[str] = Counter()
        self.wrong: list[str] = []
        self.slowest: dict[str, float] = {}
        self.filers = site.residents[:filers]
        code = "SELECT code FROM matters_implementation WHERE matter_id = %s AND region_code = %s"
        self.intake = f"/api/applications/matters/{site.sql(code, MATTER, OFFICE)[0][0]}/filings"
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._people: list[Future[None]] = []

    @contextmanager
    def at_work(self) -> Iterator["Crowd"]:
        """Leaves when every filing that was begun is acknowledged and no clerk finds work any more."""
        with ThreadPoolExecutor(len(self.filers) + len(CLERKS) + 1) as pool:
            people = [pool.submit(self._file, who) for who in self.filers]
            people += [pool.submit(self._decide, *clerk) for clerk in CLERKS]
            people.append(pool.submit(self._look, self.filers[0]))
            self._people = people
            try:
                yield self
            finally:
                self._stop.set()
            for each in people:
                each.result()

    def wait_for_more(self, count: int = 1, seconds: float = 300) -> float:
        """Until so many more filings are acknowledged; how long that took."""
        wanted = len(self.acknowledged) + count

        def are_there() -> bool:
            for person in self._people:
                if person.done():
                    person.result()  # who fell over in the middle says why
            return len(self.acknowledged) >= wanted

        try:
            return self.site.until(are_there, f"{count} more acknowledged", seconds)
        except AssertionError as waited:
            raise AssertionError(f"{waited}\n{self.report()}") from waited

    def report(self) -> dict[str, Any]:
        return {
            "acknowledged": len(self.acknowledged),
            "answers": dict(sorted(self.answers.items())),
            "slowest_seconds": {what: round(seconds, 1) for what, seconds in sorted(self.slowest.items())},
            "wrong_answers": self.wrong[:20],
        }

    def _file(self, who: str) -> None:
        client, number = self._signed_in(who), 0
        papers = {key: self.paper(client, number) for key in ("portrait", "dwelling-proof")}
        while not self._stop.is_set():
            number += 1
            key = f"{who}-{number:04d}"
            if number % 4 == 0:
                papers = papers | {"portrait": self.paper(client, number)}
            body = {"answers": self.answers_of(who), "materials": papers}
            send = partial(client.post, self.intake, json=body, headers={"Idempotency-Key": key})
            filed = self._until_done("file", send)
            # An impatient thumb: the same once more.
            again = self._told("file-again", send) if number % 5 == 0 else None
            with self._lock:
                self.acknowledged[key] = filed.json()["number"]
                if again is not None and again.status_code == 201 and again.json()["number"] != filed.json()["number"]:
                    self.wrong.append(f"{key} is {filed.json()['number']} and {again.json()['number']}")
            time.sleep(self.pause)

    def answers_of(self, who: str) -> dict[str, Any]:
        return {
            "phone": self.site.phones[who],
            "residence_address": "安澜市临江区江畔街道柳岸社区9号",
            "lived_since": (timezone.localdate() - timedelta(days=400)).isoformat(),
            "ground": "dwelling",
            "truthful": True,
        }

    def paper(self, client: httpx.Client, number: int) -> dict[str, int]:
        """A picture that differs from number to number."""
        picture = BytesIO()
        Image.new("RGB", (60, 80), (number % 256, number // 256, hash(client) % 256)).save(picture, "PNG")
        sent = {"file": ("paper.png", picture.getvalue(), "image/png")}
        answer = self._until_done("upload", partial(client.post, "/api/applications/files", files=sent))
        return {"file_id": int(answer.json()["id"])}

    def _decide(self, who: str, step: str, choice: str) -> None:
        """Take what lies on the desk, until nothing is left after everybody else has stopped."""
        client, empty = self._signed_in(who), 0
        while empty < 3:
            desk = self._until_done("desk", partial(client.get, "/api/cases/work", params={"size": 50}))
            rows = desk.json()["items"]
            mine = [row for row in rows if row["step"] == step]
            for row in mine:
                body = {"step": step, "choice": choice}
                take = partial(client.post, f"/api/cases/{row['case_id']}/advance", json=body)
                self._told("decide", take, fine=(200, 409))
            empty = empty + 1 if self._stop.is_set() and not mine and self._are_filed() else 0
            time.sleep(STEP_SECONDS)

    def _are_filed(self) -> bool:
        """Whether nothing that was filed is on its way to this or another desk."""
        rows = self._safely("SELECT count(*) FROM cases_case WHERE status = 'open' AND kind = 'application'")
        return bool(rows and rows[0][0] == 0)

    def _safely(self, statement: str) -> list[tuple[Any, ...]]:
        try:
            return self.site.sql(statement)
        except Exception:  # noqa: BLE001 - the database may be the very thing that is broken
            return []

    def _look(self, who: str) -> None:
        client, number = self._signed_in(who), 0
        stranger = self.site.client()
        while not self._stop.is_set():
            number += 1
            page = PAGES[number % len(PAGES)]
            fine = (200, 302, 403) if page == "/api/cases/counts" else (200,)
            self._told("look", partial(client.get, page, headers={"Accept": "text/html,*/*"}), fine=fine)
            self._told("healthz", partial(stranger.get, "/healthz"))
            time.sleep(STEP_SECONDS)

    def _signed_in(self, who: str) -> httpx.Client:
        deadline = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                client = self.site.client(who)
            except (httpx.HTTPError, KeyError, ValueError, AssertionError):
                assert time.monotonic() < deadline, f"{who} never got in"
                time.sleep(1)
            else:
                client.event_hooks = {"response": [partial(self._again, who, client)]}
                return client

    def _again(self, who: str, client: httpx.Client, answer: httpx.Response) -> None:
        """A sitting that is over (a clock jumped) is opened anew; what was sent is sent again by whoever sent it."""
        if answer.status_code == 401 and answer.request.url.path != "/api/login/session":
            fresh = self._signed_in(who)
            client.cookies, client.headers = fresh.cookies, fresh.headers

    def _until_done(self, what: str, send: Callable[[], httpx.Response]) -> httpx.Response:
        while True:
            answer = self._told(what, send)
            if answer is not None and answer.status_code in (200, 201):
                return answer
            wait = answer.headers.get("Retry-After", "") if answer is not None and answer.status_code == 429 else ""
            time.sleep(min(float(wait or STEP_SECONDS), 30))

    def _told(
        self, what: str, send: Callable[[], httpx.Response], fine: tuple[int, ...] = (200, 201)
    ) -> httpx.Response | None:
        """One request: counted, timed, and written down where its answer is one that nobody should get."""
        begun = time.monotonic()
        try:
            answer = send()
        except httpx.HTTPError as broken:
            self._count(f"{what} {type(broken).__name__}", what, begun)
            return None
        self._count(f"{what} {answer.status_code}", what, begun)
        is_told = answer.status_code == 503 and any(words in answer.text for words in SORRY)
        is_asked_to_sign_in = answer.status_code == 401 or answer.is_redirect
        if answer.status_code not in (*fine, 429) and not is_told and not is_asked_to_sign_in:
            with self._lock:
                self.wrong.append(f"{what} was answered {answer.status_code} {answer.text[:300]}")
        return answer

    def _count(self, answer: str, what: str, begun: float) -> None:
        seconds = time.monotonic() - begun
        with self._lock:
            self.answers[answer] += 1
            self.slowest[what] = max(self.slowest.get(what, 0), seconds)
