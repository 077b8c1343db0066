"""The safe part of a pattern: what Python, RE2 and Java read alike and no engine can be made to hang on."""

import re
from collections.abc import Iterator

_TOKEN = re.compile(r"\\.|\[\^?\]?(?:\\.|[^\]\\])*\]|\(\?.|[*+?}][+?]?|.", re.DOTALL)
_ESCAPES = {r"\d": "[0-9]", r"\w": "[0-9A-Za-z_]"}
_SIGNS = frozenset(r".-+*?()[]{}|^$/\\'\"`,:;=<>&#@!%~ ")
LENGTH_MAX = 500


def unsafe(pattern: str) -> str:
    """Why a pattern cannot be used in a scan; empty when it can."""
    if len(pattern) > LENGTH_MAX:
        return f"超过{LENGTH_MAX}个字"
    return next(_faults(pattern), "")


def _faults(pattern: str) -> Iterator[str]:
    for part in _TOKEN.findall(pattern):
        if part.startswith("\\") and part not in _ESCAPES and part[1] not in _SIGNS:
            yield f"用了各引擎读法不同的“{part}”"
        elif part.startswith("(?") and part != "(?:":
            yield f"用了“{part}”（环视、命名组或选项）"
        elif part.startswith("[") and ("&&" in part or "[:" in part[1:]):
            yield "方括号里有各引擎读法不同的写法"
        elif part.startswith("[") and any(e[1] not in _SIGNS and e != r"\d" for e in re.findall(r"\\.", part)):
            yield "方括号里有各引擎读法不同的转义"
        elif part[0] in "*+?}" and part[1:] == "+":
            yield "用了独占量词"


def portable(pattern: str) -> str:
    """The pattern in the words that all engines share: digits are 0 to 9. Call `unsafe` first."""
    return "".join(_spelled(token) for token in _TOKEN.findall(pattern))


def _spelled(token: str) -> str:
    if token.startswith("["):
        inside = token[1:-1].replace(r"\d", "0-9")
        # Java reads a bare [ within brackets as a set of its own.
        return "[" + re.sub(r"(?<!\\)\[", r"\\[", inside) + "]"
    return _ESCAPES.get(token, token)
