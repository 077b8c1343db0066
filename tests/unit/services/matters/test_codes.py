"""Item codes are read and built without loss, in every form that was met."""

import contextlib
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import uscc as stdnum_uscc

from yiwang.services.matters._dashed_codes import (
    DashedCode,
    NumberedItem,
    OrgMark,
    SerialItem,
    is_organisation_code,
)
from yiwang.services.matters._standard_codes import TYPES, BaseCode
from yiwang.services.matters.codes import build, parse
from yiwang.services.matters.contracts import CodeUnreadable, OrgMarkKind

HALL = "11370800MB28559184"


def digits(*widths: int) -> st.SearchStrategy[str]:
    return st.one_of(*(st.text(string.digits, min_size=w, max_size=w) for w in widths))


def letters(alphabet: str = string.ascii_uppercase) -> st.SearchStrategy[str]:
    return st.sampled_from(alphabet)


@st.composite
def usccs(draw: st.DrawFn) -> str:
    alphabet = "0123456789ABCDEFGHJKLMNPQRTUWXY"
    head = draw(st.sampled_from(["11", "12", "51", "91"])) + draw(digits(6))
    head += draw(st.text(alphabet, min_size=9, max_size=9))
    return str(head + stdnum_uscc.calc_check_digit(head))


subs = st.one_of(digits(3), st.builds(lambda letter, n: letter + n, letters(), digits(2)))
bases = st.builds(BaseCode, digits(2), st.sampled_from(sorted(TYPES)), digits(2), digits(3), subs)
letter_marks = st.builds(lambda n, letter: n + letter, digits(1), letters())
numbered = st.one_of(
    st.builds(NumberedItem, digits(2), letter_marks | st.sampled_from(sorted(TYPES)), digits(2), digits(3), digits(3)),
    st.builds(NumberedItem, digits(2), letter_marks, st.just(""), digits(5), digits(5)),
    st.builds(NumberedItem, digits(2), st.sampled_from(sorted(TYPES)), digits(2), digits(3), digits(5)),
)
serials = st.builds(SerialItem, letters() | letter_marks, digits(4, 5, 6), digits(3, 4, 5))
orgs = st.builds(
    OrgMark,
    st.one_of(
        usccs(),
        st.text(string.digits + string.ascii_letters, min_size=6, max_size=18),
        st.builds(lambda body, check: f"{body}-{check}", digits(8), st.sampled_from("0123456789X")),
    ),
)
dashed = st.one_of(
    st.builds(DashedCode, numbered | serials, orgs, digits(12), digits(3), digits(1), digits(2)),
    st.builds(DashedCode, serials, orgs),
)


@given(bases, usccs(), st.sampled_from("1234567"), digits(2))
def test_standard_codes_come_back_as_they_were_built(base: BaseCode, uscc: str, level: str, option: str) -> None:
    for code, length in (
        (build(base=str(base)), 12),
        (build(base=str(base), uscc=uscc, level=level), 31),
        (build(base=str(base), uscc=uscc, level=level, option=option), 33),
    ):
        assert len(str(code)) == length
        assert parse(str(code)) == code
        assert "".join(part.value for part in code.components) == str(code)
        assert code.item == str(base)
        assert code.matter_type == base.type


@given(dashed)
def test_dashed_codes_come_back_as_they_were_built(code: DashedCode) -> None:
    again = parse(str(code))
    assert again == code
    assert str(again) == str(code)


@given(st.text(string.digits + string.ascii_uppercase + "-", min_size=1, max_size=60))
def test_text_is_either_read_whole_or_refused(text: str) -> None:
    with contextlib.suppress(CodeUnreadable):
        assert str(parse(text)) == text


def parts(text: str) -> dict[str, str]:
    return {part.name: part.value for part in parse(text).components}


def test_every_part_of_a_real_implementation_code_has_its_name() -> None:
    assert parts(HALL + "3" + "370117002011") == {
        "authority": "1",
        "category": "1",
        "region": "370800",
        "body": "MB2855918",
        "check": "4",
        "level": "3",
        "province": "37",
        "type": "01",
        "department": "17",
        "main": "002",
        "sub": "011",
    }


def test_a_province_s_own_sub_item_is_read() -> None:
    assert parts("432036010W01")["sub"] == "W01"


def test_every_part_of_a_real_dashed_code_has_its_name() -> None:
    assert parts("511A0138000000-511602000000-000-115113010833722043-1-00") == {
        "province": "51",
        "mark": "1A",
        "main": "01380",
        "sub": "00000",
        "region": "511602000000",
        "extension": "000",
        "org": "115113010833722043",
        "nature": "1",
        "option": "00",
    }


@pytest.mark.parametrize(
    ("text", "matter_type", "kind"),
    [
        ("511Z07001006-511602000000-000-11511301008778183N-1-00", "10", OrgMarkKind.USCC),
        ("512B0053300006-511602000000-000-083372204-1-00", "20", OrgMarkKind.ORGANISATION_CODE),
        ("512C0107400001-511602000000-000-00877868-5-1-00", "20", OrgMarkKind.ORGANISATION_CODE),
        ("511A0126800000-511602000000-000-76726532-X-1-00", "01", OrgMarkKind.ORGANISATION_CODE),
        ("511F0118100001-511602000000-000-0087790701-1-00", "07", OrgMarkKind.OTHER),
        ("511A0014100002-511602000000-000-2222222222222-1-00", "01", OrgMarkKind.OTHER),
        ("511A0077700002-510000000000-000-8282348-1-00", "01", OrgMarkKind.OTHER),
        ("513A0161200000-511602000000-000-1151130000877869M-1-00", None, OrgMarkKind.USCC_SHORT),
        ("511F0045400001-511602000000-000-11511301452259996u-1-00", "07", OrgMarkKind.USCC),
        ("511A62001004-511602000000-000-TE5116020105116050-1-00", "01", OrgMarkKind.USCC_WRONG),
        ("512036010003-511602000000-000-11511301MB15537661-1-00", "20", OrgMarkKind.USCC),
        ("E-000004-001-11511301008778386B", "09", OrgMarkKind.USCC),
        ("H-000185-001-4444444444", "08", OrgMarkKind.OTHER),
        ("1J-5100-00027-511602000000-000-11511301008778386B-1-00", "10", OrgMarkKind.USCC),
    ],
)
def test_dashed_codes_tell_type_and_what_their_organisation_part_is(
    text: str, matter_type: str | None, kind: OrgMarkKind
) -> None:
    code = parse(text)
    assert isinstance(code, DashedCode)
    assert (code.matter_type, code.org.kind) == (matter_type, kind)


def test_a_dashed_code_gives_its_standard_base_code_where_it_has_one() -> None:
    code = parse("512036010003-511602000000-000-11511301MB15537661-1-00")
    assert isinstance(code, DashedCode)
    assert str(code.item_mark.base) == "512036010003"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "37011700201",
        "371117002011",  # type 11 does not exist
        "11370800MB28559185" + "3" + "370117002011",  # check sign of the credit code
        HALL + "8" + "370117002011",  # level 8
        HALL + "3" + "370117002011" + "0A",
        "511A0138000000-511602000000-000-115113010833722043-1",
        "511A0138000000-115113010833722043",
        "５11A0138000000-511602000000-000-115113010833722043-1-00",
    ],
)
def test_a_wrong_code_is_refused_with_what_to_do(text: str) -> None:
    with pytest.raises(CodeUnreadable) as refused:
        parse(text)
    assert refused.value.hint


def test_organisation_codes() -> None:
    assert is_organisation_code("083372204")
    assert is_organisation_code("76726532X")
    assert not is_organisation_code("083372205")
    assert not is_organisation_code("08337220")
