"""Sealing, masking, codes, paging, numbering and remembered intakes."""

from datetime import UTC, datetime, timedelta

import pytest
from django.test import RequestFactory
from django.utils.functional import SimpleLazyObject
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.base import codes, masking, throttle
from yiwang.kernel.base.contracts import ANONYMOUS, SYSTEM, Invalid
from yiwang.kernel.base.http import actor
from yiwang.kernel.base.idempotency import KeyReused, forget, once
from yiwang.kernel.base.models import Counter, IdempotencyRecord
from yiwang.kernel.base.numbering import next_number
from yiwang.kernel.base.paging import keyset
from yiwang.kernel.base.sealing import CannotUnseal, seal, sealed_index, unseal
from yiwang.kernel.base.text import bigrams

AT = datetime(2026, 11, 23, 2, tzinfo=UTC)


@given(st.binary(max_size=2000))
def test_what_is_sealed_opens_again_and_never_looks_the_same(plain: bytes) -> None:
    assert unseal(seal(plain)) == plain
    assert seal(plain) != seal(plain)


def test_an_altered_sealed_value_is_refused() -> None:
    sealed = bytearray(seal("张三".encode()))
    sealed[-1] ^= 1
    with pytest.raises(CannotUnseal):
        unseal(bytes(sealed))


def test_index_ignores_case_and_space() -> None:
    assert sealed_index(" 11010519491231002x ") == sealed_index("11010519491231002X")


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("11010519491231002X", True),
        ("11010519491231002x", True),
        ("110105194912310021", False),
        ("110105194913310022", False),
        ("99010120260230001X", False),
        ("", False),
    ],
)
def test_id_numbers(number: str, right: bool) -> None:
    assert codes.is_id_number(number) is right


def test_demo_divisions_make_right_id_numbers() -> None:
    first = "99010120260228001"
    assert codes.is_id_number(first + codes.id_check_digit(first))


def test_mod_11_10_catches_every_single_digit_error() -> None:
    digits = "990100202611230000017"[:20]
    check = codes.mod_11_10(digits)
    for i, digit in enumerate(digits):
        for other in set("0123456789") - {digit}:
            assert codes.mod_11_10(digits[:i] + other + digits[i + 1 :]) != check


def test_masks() -> None:
    assert masking.mask_name("欧阳娜娜") == "欧**"
    assert masking.mask_name("张三") == "张*"
    assert masking.mask_id_number("11010519491231002X") == "110***********002X"
    assert masking.mask_phone("13812345678") == "138****5678"
    assert masking.mask_phone("123") == "***"


def test_bigrams_keep_two_sign_words_and_latin() -> None:
    assert bigrams("出生 A证") == ["a证", "出生"]


@pytest.mark.django_db
def test_numbers_are_gapless() -> None:
    assert [next_number("x") for _ in range(3)] == [1, 2, 3]
    assert next_number("y") == 1


@pytest.mark.django_db
def test_paging_reaches_every_row_once_in_both_directions() -> None:
    Counter.objects.bulk_create([Counter(series=f"s{i:02}", value=i % 3) for i in range(25)])
    seen, cursor = [], None
    while True:
        page = keyset(Counter.objects.all(), order=("-value", "series"), cursor=cursor, size=4)
        seen += [row.series for row in page.items]
        if page.next_cursor is None:
            break
        cursor = page.next_cursor
    expected = sorted(range(25), key=lambda i: (-(i % 3), i))
    assert seen == [f"s{i:02}" for i in expected]
    back = keyset(Counter.objects.all(), order=("-value", "series"), cursor=page.previous_cursor, size=4)
    assert [row.series for row in back.items] == seen[20:24]


@pytest.mark.django_db
@pytest.mark.parametrize("cursor", ["x", "W10", "bnVsbA", "WzEsMl0", "W2ZhbHNlLFtbXSwxXV0"])
def test_a_made_up_cursor_is_refused(cursor: str) -> None:
    with pytest.raises(Invalid):
        keyset(Counter.objects.all(), order=("-value", "series"), cursor=cursor)


@pytest.mark.django_db
def test_a_repeat_gets_the_first_answer() -> None:
    calls: list[int] = []

    def perform() -> dict[str, int]:
        calls.append(1)
        return {"case": len(calls)}

    def send(body: object, at: datetime = AT) -> dict[str, int]:
        return once(route="r", key="k", body=body, by=SYSTEM, at=at, perform=perform)

    assert send({"a": 1}) == send({"a": 1}) == {"case": 1}
    with pytest.raises(KeyReused):
        send({"a": 2})
    assert send({"a": 2}, AT + timedelta(hours=25)) == {"case": 2}
    assert forget(at=AT + timedelta(hours=60)) == 1
    assert not IdempotencyRecord.objects.exists()


def test_who_asks_too_often_waits_for_the_next_window_and_is_forgotten_after_a_day(db: None) -> None:
    for weight in (1, 9):
        throttle.count("test", "192.0.2.1", at=AT, most=10, weight=weight)
    throttle.count("another", "192.0.2.1", at=AT, most=10)
    with pytest.raises(throttle.TooOften):
        throttle.count("test", "192.0.2.1", at=AT, most=10)
    throttle.count("test", "192.0.2.1", at=AT + timedelta(minutes=5), most=10)
    assert throttle.forget(at=AT + timedelta(hours=23)) == 0
    assert throttle.forget(at=AT + timedelta(days=1, minutes=3)) == 2


def test_whoever_asks_for_the_actor_gets_no_stand_in() -> None:
    request = RequestFactory().get("/")
    assert actor(request) is ANONYMOUS
    request.actor = SimpleLazyObject(lambda: SYSTEM)  # type: ignore[attr-defined]
    assert actor(request) is SYSTEM
