"""The lines of a batch's file: which column is what, and what is wrong with each line."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils import translation

from yiwang.data.ingest import queries as files
from yiwang.kernel.base.codes import is_id_number, is_uscc
from yiwang.kernel.packs.contracts import Pack
from yiwang.support.licences import _face
from yiwang.support.licences.contracts import BadBatch, WrongFields
from yiwang.support.licences.kinds import LicenceTypePack

LINES_MAX = 100_000


@dataclass(frozen=True, slots=True)
class Line:
    """A line: what it says as it will be issued, or what is wrong with it."""

    line: int
    said: dict[str, Any] = field(default_factory=dict)
    problem: str = ""


def columns(pack: Pack) -> dict[str, str]:
    """The columns of a file for a type, by what they are called: holder, number and days first, then the face."""
    body = pack.as_type(LicenceTypePack)
    with translation.override("zh-hans"):
        own = {_face.built_in_label(body, name): name for name in ("holder", "holder_id")}
        own |= {"编号": "number", "有效期起": "valid_from", "有效期止": "valid_to"}
        return own | {f"证照内容：{_face.label(rule)}": f"fields.{rule.name}" for rule in body.fields}


def read(pack: Pack, content: bytes) -> list[Line]:
    """Every line after the header. Raises BadBatch (columns, too many lines, none), CannotRead."""
    rows = iter(files.rows(content))
    _, header = next(rows, (0, []))
    names = _named(pack, header)
    found: list[Line] = []
    seen: dict[str, int] = {}
    check = _checker(pack)
    for line, cells in rows:
        if len(found) == LINES_MAX:
            raise BadBatch(f"一批最多{LINES_MAX}行。", hint="请分成几个文件。")
        values = dict(zip(names, cells, strict=False))
        found.append(check(line, values, len(cells) != len(names), seen))
    if not found:
        raise BadBatch("文件里没有数据行。", hint="请核对后重新上传。")
    return found


def _named(pack: Pack, header: Sequence[str]) -> list[str]:
    known = columns(pack)
    names = [known.get(title, title if title in known.values() else "") for title in header]
    strange = [title for title, name in zip(header, names, strict=True) if not name]
    if strange:
        raise BadBatch(f"不认识这些列：{'、'.join(strange)[:200]}。", hint=f"可用：{'、'.join(known)}。")
    lacking = [title for title, name in known.items() if name in ("holder", "holder_id") and name not in names]
    if lacking or len(set(names)) != len(names):
        raise BadBatch(f"缺少列：{'、'.join(lacking)}。" if lacking else "有的列写了两次。", hint="请按模板填写。")
    return names


def _checker(pack: Pack) -> Callable[[int, Mapping[str, str], bool, dict[str, int]], Line]:
    body = pack.as_type(LicenceTypePack)
    is_right = is_uscc if body.holder == "firm" else is_id_number

    def check(line: int, values: Mapping[str, str], is_uneven: bool, seen: dict[str, int]) -> Line:
        if is_uneven:
            return Line(line, problem="列数与表头不同。")
        holder, number = values["holder"], values["holder_id"].upper()
        if not holder or not is_right(number):
            return Line(line, problem="没有写持证主体。" if not holder else "证件号码不对。")
        for mark, what in ((f"id:{number}", "持证主体"), (f"no:{values.get('number', '')}", "编号")):
            if mark != "no:" and (before := seen.setdefault(mark, line)) != line:
                return Line(line, problem=f"{what}与第{before}行相同。")
        return _said(body, line, {**values, "holder_id": number})

    return check


def _said(body: LicenceTypePack, line: int, values: Mapping[str, str]) -> Line:
    given = {name.removeprefix("fields."): value for name, value in values.items() if name.startswith("fields.")}
    try:
        fields = _face.cleaned(body, given)
        days = {
            name: date.fromisoformat(values[name]).isoformat()
            for name in ("valid_from", "valid_to")
            if values.get(name)
        }
    except WrongFields as wrong:
        return Line(line, problem="；".join(place.message for place in wrong.places)[:300])
    except ValueError:
        return Line(line, problem="有效期要写成2026-11-23这样。")
    if body.validity.kind == "given" and "valid_to" not in days:
        return Line(line, problem="没有写有效期止。")
    if body.number.given and not body.number.field and not values.get("number"):
        return Line(line, problem="没有写编号。")
    number = values.get("number", "")
    return Line(
        line, {"holder": values["holder"], "holder_id": values["holder_id"], "number": number, "fields": fields, **days}
    )
