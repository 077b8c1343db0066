"""What a file of text is written in, and a clean UTF-8 copy where DuckDB could not read the file itself.

Guessed among what offices write (UTF-8, GB 18030 with GBK and GB 2312 in it, UTF-16), by trying; libraries that know ninety
encodings take short Chinese texts for Korean.
"""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from yiwang.data.ingest.contracts import CannotRead

CHUNK = 1 << 20
LINE_MAX = 1_000_000  # bytes; DuckDB passes over longer ones without a word
CUT = 200
BROKEN = "\ufffd"
OPEN = BROKEN + "＂"  # before a line whose quotes do not close


@dataclass(frozen=True, slots=True)
class Look:
    """How to read a file; `has_long` when a line is longer than DuckDB reads."""

    encoding: str
    has_long: bool

    @property
    def is_ready(self) -> bool:
        """DuckDB can read it as it is."""
        return self.encoding == "utf-8" and not self.has_long


def look(path: Path, wanted: str = "auto") -> Look:
    """Read once through the file. Raises CannotRead for one that is empty."""
    head, sample, run, has_long = b"", b"", 0, False
    with open(path, "rb") as stream:
        while chunk := stream.read(CHUNK):
            head = head or chunk[:4096]
            if not sample and not chunk.isascii():
                sample = chunk
            first, last = chunk.find(b"\n"), chunk.rfind(b"\n")
            has_long = has_long or run + (len(chunk) if first < 0 else first) > LINE_MAX
            run = run + len(chunk) if first < 0 else len(chunk) - last - 1
    if not head.strip(b"\xef\xbb\xbf\r\n \t"):
        raise CannotRead("文件是空的。", hint="请核对后重新报送。")
    return Look(_guess(head, sample or head) if wanted == "auto" else wanted, has_long)


def count_lines(path: Path) -> int:
    """How many lines a file has; a last one without an end counts."""
    count, last = 0, b"\n"
    with open(path, "rb") as stream:
        while chunk := stream.read(CHUNK):
            count, last = count + chunk.count(b"\n"), chunk[-1:]
    return count + (last != b"\n")


def blank_lines(path: Path) -> int:
    """How many lines hold nothing; for files without too long lines."""
    with open(path, "rb") as stream:
        return sum(1 for line in stream if not line.strip())


def rewrite(source: Path, target: Path, encoding: str) -> None:
    """Write the file as UTF-8. Bytes that are no text become U+FFFD and stay on their line; a line too long is cut and so marked."""
    with open(source, "rb") as given, open(target, "w", encoding="utf-8", newline="", errors="replace") as out:
        if encoding == "utf-16":
            decoder = codecs.getincrementaldecoder("utf-16")(errors="replace")
            for text in _bounded_text(decoder.decode(chunk) for chunk in iter(lambda: given.read(CHUNK), b"")):
                out.write(text)
        else:
            for piece, is_cut in _pieces(given):
                text = piece.decode(encoding, errors="replace")
                out.write(_marked(text) if is_cut else text)


def mark_open_quotes(source: Path, target: Path) -> None:
    """Copy a file of UTF-8 in which every line stands alone: one whose quotes do not close is marked as broken."""
    with (
        open(source, encoding="utf-8-sig", newline="", errors="replace") as given,
        open(target, "w", encoding="utf-8", newline="") as out,
    ):
        for line in given:
            out.write(line if line.count('"') % 2 == 0 else OPEN + line.replace('"', "＂"))


def _guess(head: bytes, sample: bytes) -> str:
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8"
    body = sample[: sample.rfind(b"\n") + 1] or sample
    if _faults(body, "utf-8") == 0:
        return "utf-8"
    # Broken files are mostly of one encoding with some bytes lost: the one that explains more of it.
    return min(("gb18030", "utf-8"), key=lambda name: _faults(body, name))


def _faults(body: bytes, encoding: str) -> int:
    try:
        body.decode(encoding)
    except UnicodeDecodeError:
        return body.decode(encoding, errors="replace").count(BROKEN)
    return 0


def _pieces(stream: IO[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Whole lines, many at a time, and what is left of lines that are too long; never more than two chunks in memory."""
    rest, skipping = b"", False
    while chunk := stream.read(CHUNK):
        if skipping:
            end = chunk.find(b"\n")
            if end < 0:
                continue
            chunk, skipping = chunk[end:], False
        block = rest + chunk
        end = block.rfind(b"\n") + 1
        if len(block) - end > LINE_MAX:
            yield block[:end], False
            yield block[end : end + CUT], True
            rest, skipping = b"", True
            continue
        yield from _without_long(block[:end])
        rest = block[end:]
    if rest:
        yield rest, False


def _without_long(block: bytes) -> Iterator[tuple[bytes, bool]]:
    if len(block) <= LINE_MAX:
        yield block, False
        return
    for line in block.splitlines(keepends=True):
        if len(line) > LINE_MAX:
            yield line[:CUT], True
            yield b"\n", False
        else:
            yield line, False


def _bounded_text(texts: Iterator[str]) -> Iterator[str]:
    """As `_pieces` for text that had to be decoded first."""
    run, cut = 0, False
    for text in texts:
        for line in text.splitlines(keepends=True) if len(text) + run > LINE_MAX // 4 else [text]:
            ends = line.endswith("\n")
            if run + len(line) <= LINE_MAX // 4 or (ends and not run and not cut):
                yield line if not cut else ""
            elif not cut:
                yield _marked(line[:CUT])
                cut = True
            if ends:
                if cut:
                    yield "\n"
                run, cut = 0, False
            else:
                run += len(line)


def _marked(text: str) -> str:
    """A line that DuckDB will read as one field, with the mark of what was broken."""
    return BROKEN + "…" + text.replace('"', " ").replace("\n", " ").replace("\r", " ")
