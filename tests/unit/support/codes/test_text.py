"""The text of a code: what the verifier believes with nothing but the published keys, and why it refuses the rest."""

import base64
from datetime import UTC, datetime, timedelta

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from yiwang.support.codes._code import PREFIX, TEXT_MAX, PublicKey, write
from yiwang.support.codes.contracts import (
    BadText,
    CodeKind,
    Expired,
    Forged,
    NotACode,
    NotYet,
    TooLong,
    UnknownKey,
    Verifier,
)

AT = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
SKEW = timedelta(seconds=30)
KEY, OTHER = (ec.derive_private_key(number, ec.SECP256R1()) for number in (7, 8))
KID, PLATE_KID = b"\x01\x02\x03\x04", b"\x09\x09\x09\x09"
OLD = AT - timedelta(days=9)
HANDLE = bytes(range(16))
VERIFIER = Verifier(
    [PublicKey(KID, KEY.public_key(), False, OLD), PublicKey(PLATE_KID, KEY.public_key(), True, OLD)], skew=SKEW
)


def code(**changes: object) -> str:
    given = {"kid": KID, "key": KEY, "at": AT, "until": AT + timedelta(seconds=60)} | changes
    return write(CodeKind.PERSON, HANDLE, **given)  # type: ignore[arg-type]


def rewritten(text: str, **parts: bytes) -> str:
    """With parts of the COSE structure put in another's place; the signature stays."""
    body = text[len(PREFIX) :]
    whole = cbor2.loads(base64.b32decode(body + "=" * (-len(body) % 8)))
    for name, value in parts.items():
        whole[["protected", "header", "payload", "signature"].index(name)] = value
    return PREFIX + base64.b32encode(cbor2.dumps(whole)).decode().rstrip("=")


def test_a_code_is_read_as_it_was_written() -> None:
    found = VERIFIER.read(code(), at=AT + timedelta(seconds=59))
    assert (found.kind, found.handle, found.kid, found.issued_at) == (CodeKind.PERSON, HANDLE, KID, AT)
    assert found.until == AT + timedelta(seconds=60)


def test_the_level_of_the_sitting_stands_in_it_only_where_it_is_above_the_first() -> None:
    assert [VERIFIER.read(code(level=level), at=AT).level for level in (1, 2, 4)] == [1, 2, 4]
    assert len(code(level=1)) < len(code(level=4)) < 221
    with pytest.raises(NotACode):
        VERIFIER.read(code(level=9), at=AT)


def test_it_fits_the_alphanumeric_mode_of_qr() -> None:
    assert set(code()) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    assert len(code()) < 221, "QR version 8 at level M holds 221 signs"


@pytest.mark.parametrize(
    "typed", [str.lower, lambda t: f"  {t}\r\n", lambda t: "".join(chr(ord(c) + 0xFEE0) for c in t)]
)
def test_a_hand_scanner_may_type_it_in_other_ways(typed: object) -> None:
    assert VERIFIER.read(typed(code()), at=AT).handle == HANDLE  # type: ignore[operator]


PAYLOAD = cbor2.dumps({6: int(AT.timestamp()), 7: HANDLE, 4: int(AT.timestamp()) + 9999, -70001: 1})
REFUSED = {
    "another key signed it": (code(key=OTHER), AT, Forged),
    "a later end was written in": (rewritten(code(), payload=PAYLOAD), AT, Forged),
    "no signature": (rewritten(code(), signature=bytes(64)), AT, Forged),
    "a screen's key on a plate": (code(kid=PLATE_KID, until=None), AT, Forged),
    "no end": (code(until=None), AT, Forged),
    "key that nobody published": (code(kid=b"\x00\x00\x00\x00"), AT, UnknownKey),
    "over": (code(), AT + timedelta(seconds=91), Expired),
    "from a clock that is ahead": (code(at=AT + timedelta(seconds=31)), AT, NotYet),
    "before the key signed": (code(at=OLD - timedelta(days=1)), OLD - timedelta(days=1), NotYet),
    "truncated": (code()[:-9], AT, NotACode),
    "truncated to nothing": (PREFIX, AT, NotACode),
    "short signature": (rewritten(code(), signature=bytes(63)), AT, NotACode),
    "another algorithm": (rewritten(code(), protected=cbor2.dumps({1: -37, 4: KID})), AT, NotACode),
    "no list": (PREFIX + base64.b32encode(cbor2.dumps({1: 2})).decode().rstrip("="), AT, NotACode),
    "deep nesting": (PREFIX + base64.b32encode(b"\x81" * 180).decode().rstrip("="), AT, NotACode),
    "a huge length": (PREFIX + base64.b32encode(b"\x5b" + b"\xff" * 8).decode().rstrip("="), AT, NotACode),
    "another encoding": (PREFIX + base64.b64encode(b"\xff" * 99).decode(), AT, NotACode),
    "a web address": ("https://pay.example/?id=1", AT, NotACode),
    "emoji": ("YW1😀😀", AT, NotACode),
    "oversized": (PREFIX + "A" * TEXT_MAX, AT, TooLong),
    "nothing": ("", AT, NotACode),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_good_is_refused_with_its_reason(name: str) -> None:
    text, at, reason = REFUSED[name]
    with pytest.raises(reason) as refused:
        VERIFIER.read(text, at=at)
    assert type(refused.value) is reason
    assert refused.value.message
    assert refused.value.hint


def test_clocks_may_differ_by_the_allowance() -> None:
    assert VERIFIER.read(code(), at=AT + timedelta(seconds=60) + SKEW)
    assert VERIFIER.read(code(), at=AT - SKEW)


def test_a_key_that_stopped_signs_nothing_any_more() -> None:
    retired = Verifier([PublicKey(KID, KEY.public_key(), False, OLD, until=AT - SKEW)], skew=SKEW)
    with pytest.raises(UnknownKey):
        retired.read(code(), at=AT)


@given(st.integers(0, len(code()) - 1), st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"))
def test_no_sign_can_be_changed(place: int, sign: str) -> None:
    text = code()
    changed = text[:place] + sign + text[place + 1 :]
    try:
        found = VERIFIER.read(changed, at=AT)
    except BadText:
        return
    # Base32's last sign has bits that count for nothing: the same bytes, the same code.
    assert found.handle == HANDLE
    assert changed == text or place == len(text) - 1


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    for each in (text, PREFIX + text):
        with pytest.raises(BadText):
            VERIFIER.read(each, at=AT)


@given(st.binary(max_size=200))
def test_any_bytes_are_refused(data: bytes) -> None:
    with pytest.raises(BadText):
        VERIFIER.read(PREFIX + base64.b32encode(data).decode().rstrip("="), at=AT)


@pytest.mark.slow
def test_three_thousand_a_second_are_checked_without_a_network(capsys: pytest.CaptureFixture[str]) -> None:
    import time

    texts = [write(CodeKind.PERSON, n.to_bytes(16, "big"), kid=KID, key=KEY, at=AT, until=AT) for n in range(3000)]
    began = time.process_time()
    for text in texts:
        VERIFIER.read(text, at=AT)
    rate = len(texts) / (time.process_time() - began)
    with capsys.disabled():
        print(f"\n{rate:.0f} codes checked a CPU second")  # noqa: T201
    assert rate >= 3000
