"""The port to whatever reads pictures, and the one behind it: a program of its own (`_engine`), so that a picture brings down nothing else."""

import importlib.util
import json
import select
import struct
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from yiwang.data.scans.contracts import INSTALL, NoReader, Read, Reading, Word

PAGE_SECONDS_MAX = 180
Open = Callable[[], AbstractContextManager[Read]]


def is_installed() -> bool:
    return all(importlib.util.find_spec(name) is not None for name in ("rapidocr", "onnxruntime"))


@contextmanager
def opened() -> Iterator[Read]:
    """A reader for as long as the block lasts. Raises NoReader; so does a reading that takes too long or ends the program."""
    if not is_installed():
        raise NoReader("本机没有安装文字识别组件。", hint=INSTALL)
    command = [sys.executable, "-m", "yiwang.data.scans._engine"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as running:
        try:
            yield lambda content: _asked(running, content)
        finally:
            running.kill()


def _asked(running: "subprocess.Popen[bytes]", content: bytes) -> Reading:
    assert running.stdin is not None
    assert running.stdout is not None
    try:
        running.stdin.write(struct.pack("!I", len(content)) + content)
        running.stdin.flush()
        ready, _, _ = select.select([running.stdout], [], [], PAGE_SECONDS_MAX)
        said = running.stdout.readline() if ready else b""
    except OSError:
        said = b""
    if not said:
        running.kill()
        raise NoReader("文字识别没有完成。", hint="将自动重试；仍不成的页会标为无法辨认。")
    return _reading(json.loads(said))


def _reading(said: dict[str, Any]) -> Reading:
    words = [
        Word(word["text"], tuple(word["sure"]), tuple((float(x), float(y)) for x, y in word["corners"]))  # type: ignore[arg-type]
        for word in said["words"]
    ]
    return Reading(said["width"], said["height"], words)
