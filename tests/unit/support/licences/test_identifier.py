"""GB/T 36904 identifiers, against three real certificates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from yiwang.support.licences._identifier import Identifier, parse

# Type code, issuer, serial, version and check character as printed on real certificates (DOMAIN 1.4).
REAL = [
    ("11100000000013338W011", "11430000006122244L", "20230000403", 1, "U"),
    ("11100000000013338W009", "11330105002500287C", "2025052201", 2, "0"),
    ("11100000MB03271699022", "340100", "000000016", 1, "9"),
]
SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@pytest.mark.parametrize(("type_code", "issuer", "serial", "version", "check"), REAL)
def test_real_certificates_check(type_code: str, issuer: str, serial: str, version: int, check: str) -> None:
    identifier = Identifier(type_code, issuer, serial, version)
    assert identifier.check == check
    assert parse(str(identifier)) == identifier
    assert str(identifier) == f"1.2.156.3005.2.{type_code}.{issuer}.{serial}.{version:03d}.{check}"


@given(serial=st.text(SIGNS, min_size=1, max_size=32), data=st.data())
def test_one_wrong_sign_is_always_found(serial: str, data: st.DataObject) -> None:
    text = str(Identifier("11990000DM0000011G001", "11990102MB0000042A", serial, 1))
    places = [i for i, sign in enumerate(text) if sign != "." and i > len("1.2.156.3005.2")]
    place = data.draw(st.sampled_from(places))
    other = data.draw(st.sampled_from([sign for sign in SIGNS if sign != text[place]]))
    assert parse(text[:place] + other + text[place + 1 :]) is None


@pytest.mark.parametrize("text", ["", "1.2.156.3005.2", "1.2.3.4", "1.2.156.3005.2.X.Y.Z.001.1", "林安"])
def test_what_is_no_identifier_is_none(text: str) -> None:
    assert parse(text) is None
