"""Two people at the same moment: one party, one count of wrong passwords that is not lost."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from tests import world as w
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM
from yiwang.kernel.people import actions
from yiwang.kernel.people.contracts import IdType, PartyKind
from yiwang.kernel.people.models import Party
from yiwang.support.login import actions as login
from yiwang.support.login.contracts import Door, SignInLocked, SignInRefused
from yiwang.support.login.models import FailedSignIns


def at_once(times: int, do: Callable[[], object]) -> list[object]:
    """Run `do` in several threads that start together; what each answered or raised."""
    gate, answers = threading.Barrier(times), list[object]()

    def run() -> None:
        gate.wait()
        try:
            answers.append(do())
        except Exception as wrong:  # noqa: BLE001 — the answer is looked at by the test
            answers.append(wrong)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(times)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_one_person_filed_at_two_windows_is_one_party() -> None:
    number = w.make_id_number("990102199001010", 11)

    def ensure() -> int:
        party = actions.ensure_party(
            kind=PartyKind.PERSON, name="某人", id_type=IdType.CITIZEN_ID, id_number=number, by=SYSTEM, at=w.AT
        )
        return party.id

    assert len(set(at_once(8, ensure))) == 1
    assert Party.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_wrong_passwords_at_the_same_moment_are_all_counted() -> None:
    def wrong() -> object:
        return login.sign_in(door=Door.PERSON, identifier="nobody", password="x", by=ANONYMOUS, at=w.AT)

    answers = at_once(5, wrong)
    assert {type(answer) for answer in answers} == {SignInRefused}
    assert FailedSignIns.objects.get().count == 5
    with pytest.raises(SignInLocked):
        wrong()
