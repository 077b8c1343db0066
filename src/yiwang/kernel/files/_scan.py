"""Asks a virus scanner (clamd, INSTREAM) about a content, where one is set; trusts nothing else than a clear answer."""

import contextlib
import socket
import struct
from collections.abc import Iterator

from django.conf import settings

from yiwang.kernel.files.contracts import BadFile, ScannerAway

_PATIENCE_SECONDS = 20.0
_CONNECT_SECONDS = 3.0
_CHUNK = 64 * 1024
_ANSWER_BYTES_MAX = 4096


def refuse_malware(content: bytes) -> None:
    """Raises BadFile for what the scanner knows, ScannerAway when it gives no clear answer; silent without a scanner."""
    if settings.YIWANG_CLAMD:
        answer = ask(content)
        if answer.endswith("FOUND"):
            raise BadFile("文件没有通过病毒查杀。", hint="请在自己的设备上查杀病毒，或换用原始文件后再上传。")
        if answer != "stream: OK":
            raise ScannerAway("病毒查杀暂时不可用，文件没有收下。", hint="请过几分钟再传，或到窗口办理。")


def ask(content: bytes) -> str:
    """What the scanner says of a content. Raises ScannerAway."""
    try:
        with _connected() as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), _CHUNK):
                part = content[start : start + _CHUNK]
                line.sendall(struct.pack("!I", len(part)) + part)
            line.sendall(struct.pack("!I", 0))
            return _answer(line)
    except OSError as lost:
        raise ScannerAway("病毒查杀暂时不可用，文件没有收下。", hint="请过几分钟再传，或到窗口办理。") from lost


def version() -> str:
    """What the scanner calls itself, for the operator. Raises ScannerAway."""
    try:
        with _connected() as line:
            line.sendall(b"zVERSION\0")
            return _answer(line)
    except OSError as lost:
        raise ScannerAway("病毒查杀没有应答。", hint="请检查 YIWANG_CLAMD 与 clamd 服务。") from lost


@contextlib.contextmanager
def _connected() -> Iterator[socket.socket]:
    """`YIWANG_CLAMD` is `host:port`, or the path of a local socket."""
    place = settings.YIWANG_CLAMD
    if place.startswith("/"):
        line = socket.socket(socket.AF_UNIX)
        line.settimeout(_CONNECT_SECONDS)
        line.connect(place)
    else:
        host, _, port = place.rpartition(":")
        line = socket.create_connection((host.strip("[]"), int(port)), timeout=_CONNECT_SECONDS)
    with line:
        line.settimeout(_PATIENCE_SECONDS)
        yield line


def _answer(line: socket.socket) -> str:
    said = b""
    while not said.endswith(b"\0") and len(said) < _ANSWER_BYTES_MAX:
        part = line.recv(1024)
        if not part:
            break
        said += part
    return said.rstrip(b"\0\n").decode(errors="replace")
