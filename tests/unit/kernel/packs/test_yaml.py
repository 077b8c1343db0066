"""Files are read as plain data with lines, and nothing in a file breaks the reader."""

import time
from contextlib import suppress
from decimal import Decimal

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from yiwang.kernel.packs import _yaml
from yiwang.site import paths
from yiwang.site.cli import packs as cli


def test_values_are_those_of_plain_yaml() -> None:
    text = "a: 1\nb: 001\nc: 2026-01-01\nd: yes\ne: 1.50\nf: ~\ng: 12:30\nh: 0x1F\ni: 1e5\nj: true\nk: '7'\nl: |\n  甲\n  乙\n"
    (document,) = _yaml.read(text.encode())
    assert document.data == {
        "a": 1, "b": "001", "c": "2026-01-01", "d": "yes", "e": Decimal("1.50"), "f": None, "g": "12:30", "h": "0x1F",
        "i": "1e5", "j": True, "k": "7", "l": "甲\n乙\n",
    }  # fmt: skip
    assert (document.lines["a",], document.lines["l",]) == (1, 12)


def test_lines_are_those_of_the_key_or_the_item() -> None:
    (_, document) = _yaml.read(b"x: 1\n---\n\na:\n  - b: 1\n    c:\n      - 2\n      - {d: 3,\n         e: 4}\n")
    assert {".".join(map(str, where)): line for where, line in document.lines.items()} == {
        "": 4, "a": 4, "a.0": 5, "a.0.b": 5, "a.0.c": 6, "a.0.c.0": 7, "a.0.c.1": 8, "a.0.c.1.d": 8, "a.0.c.1.e": 9,
    }  # fmt: skip


BOMB = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    "hostile",
    [
        BOMB.encode(),
        b"[" * 900_000,
        b"{a: " * 200_000,
        b"- " * 400_000,
        b"? " * 400_000,
        b"a: !!python/object/apply:os.system ['id']",
        b"a: &a [*a]",
        b'"' + b"\\x41" * 200_000,
        b"a: b\n" * 150_000,
        b"\xff\xfe" * 100,
        "\u2028".join("a: b" for _ in range(100)).encode(),
        b"%YAML 1.1\n%TAG ! tag:x,2000:\n---\n!x a",
        b"x" * 1_000_001,
    ],
    ids=lambda hostile: repr(hostile[:12]),
)
def test_hostile_files_are_refused_soon(hostile: bytes) -> None:
    begun = time.process_time()
    with pytest.raises(_yaml.Unreadable) as refused:
        _yaml.read(hostile)
    assert refused.value.what
    assert "\n" not in refused.value.what + refused.value.remedy
    assert time.process_time() - begun < 5


@given(
    st.one_of(st.binary(max_size=200), st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
)
def test_nothing_in_a_file_breaks_the_reader(content: bytes) -> None:
    with suppress(_yaml.Unreadable):
        _yaml.read(content)


SIGNS = [
    "a",
    ": ",
    "- ",
    "\n",
    "  ",
    "{",
    "}",
    "[",
    "]",
    ",",
    "'",
    '"',
    "#",
    "&a",
    "*a",
    "!t",
    "|",
    ">",
    "?",
    "---",
    "...",
    "\t",
    "<<",
    "%",
]


@given(st.lists(st.sampled_from(SIGNS), max_size=40).map("".join))
def test_no_heap_of_its_signs_breaks_the_reader(content: str) -> None:
    with suppress(_yaml.Unreadable):
        _yaml.read(content.encode())


def test_the_command_ends_well_and_ill(tmp_path) -> None:  # type: ignore[no-untyped-def]
    well = CliRunner().invoke(cli.command, ["check", str(paths.ROOT / "packs")])
    assert (well.exit_code, well.output) == (0, "配置包没有问题。\n")
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "place.yaml").write_text("kind: Place\nid: there\ntitle: 此地\n", encoding="utf-8")
    ill = CliRunner().invoke(cli.command, ["check", str(tmp_path)])
    assert ill.exit_code == 1
    assert f"{tmp_path.name}/here/place.yaml:2: id: 与目录名“here”不同。请写 id: here。" in ill.output
    assert "共 2 处要改。" in ill.output
