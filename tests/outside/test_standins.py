"""The played systems themselves: strangers to our code, lawful in their numbers, as bad as their moods, and hard to kill."""

import ast
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from tests.outside.played import Mailbox, Played, played
from tests.world import make_id_number
from yiwang.site import paths
from yiwang.standins import numbers
from yiwang.standins.moods import Chance

MOTHER = make_id_number("990102199303156", 24)
STANDINS = paths.ROOT / "src" / "yiwang" / "standins"


def message(number: int = 1, **fields: Any) -> dict[str, Any]:
    known = {
        "child_name": "林小满",
        "sex": "2",
        "born_at": "2026-11-20T06:30:00+08:00",
        "birth_certificate_no": f"Z{number:09d}",
        "follows": "mother",
        "region_code": "990102000000",
        "mother_id_number": MOTHER,
    }
    return {
        "message_id": f"m-{number:06d}",
        "reference": f"R-{number}",
        "subject": "birth-registration",
        "fields": known | fields,
    }


def push(household: Played, home: Path, content: dict[str, Any]) -> httpx.Response:
    import time

    from yiwang.standins.signing import sign

    key = (home / "outside" / "household.key").read_text().strip().encode()
    body, stamp = json.dumps(content).encode(), int(time.time())
    signature = sign(key, timestamp=stamp, method="POST", path="/messages", body=body)
    headers = {"X-Yiwang-Timestamp": str(stamp), "X-Yiwang-Signature": signature}
    with httpx.Client(trust_env=False) as client:
        return client.post(f"{household.url}/messages", content=body, headers=headers)


def outcomes(letters: list[Any]) -> dict[str, str]:
    return {
        each.content["reference"]: each.content["payload"]["outcome"]
        for each in letters
        if each.content["kind"] == "result"
    }


def test_they_share_no_code_with_the_platform_and_need_no_package() -> None:
    names = {"yiwang"} | set(sys.stdlib_module_names)
    for path in STANDINS.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                assert {alias.name.split(".")[0] for alias in node.names} <= names - {"yiwang"}, path
            elif isinstance(node, ast.ImportFrom) and node.level == 0:
                assert (node.module or "").split(".")[0] in names - {"yiwang"}, path


def test_they_start_without_any_package_installed() -> None:
    code = "import sys; sys.path.insert(0, 'src'); import yiwang.standins.__main__; print('django' in sys.modules)"
    said = subprocess.run(
        [sys.executable, "-S", "-c", code], cwd=paths.ROOT, capture_output=True, text=True, check=True
    )
    assert said.stdout.strip() == "False"


@given(st.dates(date(1900, 1, 1), date(2026, 12, 31)), st.integers(0, 999))
def test_their_check_digit_is_the_standards(born_on: date, sequence: int) -> None:
    number = numbers.id_number("330106", born_on, sequence)
    assert ric.calc_check_digit(number) == number[-1]
    assert numbers.is_id_number(number)
    assert not numbers.is_id_number(number[:-1] + ("0" if number[-1] != "0" else "1"))


def test_twins_and_a_busy_day_get_numbers_of_their_own(play: Callable[..., Played], home: Path) -> None:
    household = play("household")
    for number in range(1, 31):
        assert push(household, home, message(number, sex="1" if number % 2 else "2")).status_code == 202
    given_out = [
        each.content["payload"]["id_number"] for each in household.finish() if each.content["kind"] == "result"
    ]
    assert len(set(given_out)) == 30
    assert sorted(int(number[16]) % 2 for number in given_out) == [0] * 15 + [1] * 15


def test_with_the_book_in_hand_it_knows_who_is_unknown(play: Callable[..., Played], home: Path) -> None:
    household = play("household")
    people = [{"id_number": numbers.id_number("990102", date(1980, 1, 1), n), "book_no": "B1"} for n in range(120)]
    lines = "\n".join(map(json.dumps, people))
    with httpx.Client(trust_env=False) as client:
        assert client.post(f"{household.url}/control/people", content=lines).status_code == 403
        answer = client.post(f"{household.url}/control/people", content=lines, headers={"X-Standin-Control": "1"})
    assert answer.json() == {"people": 120}
    push(household, home, message(1))
    push(household, home, message(2, mother_id_number=people[7]["id_number"]))
    push(household, home, message(3, mother_id_number=make_id_number("330106199303156", 24)))
    letters = household.finish()
    assert outcomes(letters) == {"R-1": "returned", "R-2": "granted", "R-3": "granted"}
    (page,) = [
        each.content["payload"]["household_page"]
        for each in letters
        if each.content["reference"] == "R-2" and each.content["kind"] == "result"
    ]
    assert page["book_no"] == "B1"


def test_moods_are_played_the_same_again(tmp_path: Path) -> None:
    runs = []
    for run in ("a", "b"):
        home, box = tmp_path / run, Mailbox(url="http://127.0.0.1:9")
        with played("household", home, box, refuse=400) as household:
            for number in range(1, 21):
                push(household, home, message(number))
            for _ in range(3):
                household.work(minutes=2000)
            runs.append(_stored(home))
    assert runs[0] == runs[1]
    assert {"granted", "refused"} == set(runs[0].values())


def _stored(home: Path) -> dict[str, str]:
    import sqlite3

    with sqlite3.connect(home / "standins" / "household.sqlite3") as book:
        return dict(book.execute("SELECT reference, outcome FROM item"))


def test_a_shuffled_answer_comes_after_its_successors(play: Callable[..., Played], home: Path) -> None:
    household = play("household", shuffle=300)
    for number in range(1, 16):
        push(household, home, message(number))
    letters = household.work(minutes=2) + household.work(minutes=10) + household.finish()
    order = [(each.content["reference"], each.content["sequence"]) for each in letters]
    assert order != sorted(order, key=lambda pair: pair[1])
    assert len(order) == 45


def test_slow_means_slow(play: Callable[..., Played], home: Path) -> None:
    household = play("household", slow_factor=100)
    push(household, home, message())
    assert household.work(minutes=60) == []
    assert [each.content["kind"] for each in household.work(minutes=60)] == ["accepted"]


def test_a_platform_that_is_away_gets_its_answers_when_it_is_back(play: Callable[..., Played], home: Path) -> None:
    household = play("household")
    household.mailbox.status = 503
    push(household, home, message())
    assert household.work(minutes=2) == []
    household.mailbox.status = 200
    assert [each.content["kind"] for each in household.work(minutes=1)] == ["accepted"]


def test_what_it_was_doing_when_it_was_killed_goes_on(tmp_path: Path) -> None:
    box = Mailbox(url="http://127.0.0.1:9")
    with played("household", tmp_path, box) as household:
        push(household, tmp_path, message())
        household.work(minutes=2)
    (tmp_path / "standins" / "addresses.json").unlink(missing_ok=True)
    with played("household", tmp_path, box) as household:
        for _ in range(3):
            household.work(minutes=120)
    assert _stored(tmp_path) == {"R-1": "granted"}


def test_an_unsigned_message_is_turned_away(play: Callable[..., Played]) -> None:
    household = play("household")
    with httpx.Client(trust_env=False) as client:
        assert client.post(f"{household.url}/messages", json=message()).status_code == 401
        assert client.get(f"{household.url}/messages").status_code == 401
        assert client.get(f"{household.url}/reconciliation?date=2026-11-22").status_code == 401


@pytest.mark.parametrize("permille", [0, 1000])
def test_chance_knows_never_and_always(permille: int) -> None:
    assert {Chance("1", str(n)).falls("x", permille) for n in range(200)} == {permille == 1000}
