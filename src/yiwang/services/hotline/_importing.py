"""Messages of an earlier platform as tickets of their own time: closed, with the reply, once for each number they had there."""

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.cases import actions as engine
from yiwang.kernel.cases.contracts import PastCase, RecordedCase
from yiwang.kernel.workdays.contracts import LEGAL_TIME
from yiwang.services.hotline import _intake, _policy, _sketch
from yiwang.services.hotline._topic_shapes import BadImportFile, ImportProblem, ImportReport
from yiwang.services.hotline.contracts import KIND, KIND_NAMES, Channel, Spot, TicketKind
from yiwang.services.hotline.models import PastFacts, Ticket

NUMBER, USER, SUBJECT, TIME, DETAIL = "留言编号", "留言用户", "留言主题", "留言时间", "留言详情"
REPLY, REPLIED, LIKES, DISLIKES, COMPLETE, CLEAR = (
    "答复意见",
    "答复时间",
    "点赞数",
    "反对数",
    "完整性指标",
    "可解释性指标",
)
NEEDED = (NUMBER, SUBJECT, TIME, DETAIL)
BATCH, CONTENT_MAX, REPLY_MAX, COUNT_MAX = 1_000, 20_000, 40_000, 1_000_000
ANSWERED, ARCHIVED = "answered", "archived"
_TIMES = ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y/%m/%d", "%Y-%m-%d")
_ID = re.compile(r"[0-9A-Za-z_-]{1,60}")
_LOCK = 0x696D70
# What people call it themselves; whoever does not say is taken to ask for help.
_SAID = {
    "举报": TicketKind.REPORT, "投诉": TicketKind.COMPLAINT, "建议": TicketKind.SUGGESTION, "咨询": TicketKind.CONSULTATION,
    "请问": TicketKind.CONSULTATION, "表扬": TicketKind.PRAISE, "感谢": TicketKind.PRAISE,
}  # fmt: skip

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class _Row:
    """A row that can be taken in."""

    line: int
    number: str
    user: str
    kind: TicketKind
    content: str
    received_at: datetime
    reply: str
    replied_at: datetime | None
    likes: int | None
    dislikes: int | None
    completeness: int | None
    clarity: int | None


def import_files(
    *, paths: Sequence[Path], source: str = "", region_code: str = "", by: Actor, at: datetime, tell: Tell
) -> ImportReport:
    """Take in every row of the files, a thousand in a transaction; what was taken in before is left as it is.

    Safe to repeat, and after a kill to go on with. Raises BadImportFile.
    """
    reports = [_file(path, source or path.stem, region_code, by, at, tell) for path in paths]
    return ImportReport(
        read=sum(one.read for one in reports),
        created=sum(one.created for one in reports),
        known=sum(one.known for one in reports),
        problems=tuple(problem for one in reports for problem in one.problems),
    )


def _file(path: Path, source: str, region_code: str, by: Actor, at: datetime, tell: Tell) -> ImportReport:
    region = _intake.region_of(Spot(region_code=region_code))
    read = created = known = 0
    problems: list[ImportProblem] = []
    rows = _rows(path, at)
    while batch := list(islice(rows, BATCH)):
        good = [row for row in batch if isinstance(row, _Row)]
        problems += [row for row in batch if isinstance(row, ImportProblem)]
        taken, repeated = _take(good, source, region, by, at)
        read, created = read + len(batch), created + taken
        known += len(good) - taken - len(repeated)
        problems += [ImportProblem(path.name, line, "编号与前面的行重复，内容不同。") for line in repeated]
        tell(f"{path.name}：已读{read}行，新建{created}件，已有{known}件，有问题{len(problems)}行")
    return ImportReport(read, created, known, tuple(problems))


@transaction.atomic
def _take(rows: Sequence[_Row], source: str, region: str, by: Actor, at: datetime) -> tuple[int, list[int]]:
    """How many were new, and the lines of those that say something else under a number of another row."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
    keys = {row.number: sealed_index(f"hotline/import/{source}/{row.number}") for row in rows}
    before = dict(Ticket.objects.filter(intake_key__in=keys.values()).values_list("intake_key", "intake_digest"))
    new: dict[str, _Row] = {}
    repeated = []
    for row in rows:
        digest = _digest(row)
        known = before.get(keys[row.number]) or (_digest(new[row.number]) if row.number in new else None)
        if known is None:
            new[row.number] = row
        elif known != digest:
            repeated.append(row.line)
    if new:
        _write(list(new.values()), keys, source, region, by, at)
    return len(new), repeated


def _write(rows: Sequence[_Row], keys: dict[str, str], source: str, region: str, by: Actor, at: datetime) -> None:
    office = _intake.office_of(region)
    flow = _policy.policy().flow
    cases = engine.record_past(
        kind=KIND, flow=flow, cases=[_case(row, office.id, region) for row in rows], by=by, at=at
    )
    tickets = [
        _ticket(row, case, keys[row.number], source, office.id, region) for row, case in zip(rows, cases, strict=True)
    ]
    Ticket.objects.bulk_create(tickets, batch_size=BATCH)
    PastFacts.objects.bulk_create([_facts(ticket, row) for ticket, row in zip(tickets, rows, strict=True)])
    audit.record(
        "hotline.tickets.imported", target=f"hotline.import:{source}"[:120], by=by, at=at, detail={"count": len(rows)}
    )


def _case(row: _Row, org_id: int, region: str) -> PastCase:
    return PastCase(
        title=f"{KIND_NAMES[row.kind]}：历史留言",
        org_id=org_id,
        region_code=region,
        outcome=ANSWERED if row.reply else ARCHIVED,
        opened_at=row.received_at,
        closed_at=row.replied_at or row.received_at,
        data={"kind": row.kind.value, "category": ""},
    )


def _ticket(row: _Row, case: RecordedCase, key: str, source: str, org_id: int, region: str) -> Ticket:
    is_secret = row.kind in _policy.policy().confidential
    numbers = _sketch.sketch(row.content)
    return Ticket(
        case_id=case.id,
        number=case.number,
        org_id=org_id,
        kind=row.kind.value,
        channel=Channel.IMPORT.value,
        content=row.content,
        answer=row.reply or None,
        caller={"name": row.user, "phone": "", "party_id": None, "account_id": None, "private": ""},
        # A name on another platform: it finds that person's other messages there, and nobody by telephone.
        phone_index="" if is_secret or not row.user else sealed_index(f"hotline/import/{source}/user/{row.user}"),
        region_code=region,
        external_source=source[:40],
        external_number=row.number,
        intake_key=key,
        intake_digest=_digest(row),
        received_at=row.received_at,
        is_confidential=is_secret,
        sketch=numbers,
        bands=_sketch.bands(numbers) if numbers else [],
    )


def _facts(ticket: Ticket, row: _Row) -> PastFacts:
    return PastFacts(
        ticket_id=ticket.pk,
        likes=row.likes,
        dislikes=row.dislikes,
        replied_at=row.replied_at,
        completeness=row.completeness,
        clarity=row.clarity,
    )


def _digest(row: _Row) -> str:
    return _intake.digest_of(row.user, row.content, row.received_at, row.reply)


def _rows(path: Path, at: datetime) -> Iterator[_Row | ImportProblem]:
    csv.field_size_limit(1_000_000)
    with path.open(encoding="utf-8-sig", newline="") as lines:
        reader = csv.DictReader(lines)
        try:
            missing = [name for name in NEEDED if name not in (reader.fieldnames or ())]
            if missing:
                raise BadImportFile(f"{path.name}缺少列：{'、'.join(missing)}。", hint="请核对表头。")
            begun = reader.line_num
            for values in reader:
                # Where the row begins: a message may have line breaks.
                line, begun = begun + 1, reader.line_num
                yield _row(path.name, line, values, at)
        except (csv.Error, UnicodeDecodeError) as wrong:
            raise BadImportFile(
                f"{path.name}不是 UTF-8 编码的 CSV 文件。", hint="请另存为 UTF-8 的 CSV 再试。"
            ) from wrong


def _row(file: str, line: int, values: Mapping[Any, Any], at: datetime) -> _Row | ImportProblem:
    said = {
        name: (value or "").strip()
        for name, value in values.items()
        if isinstance(name, str) and not isinstance(value, list)
    }
    try:
        received, replied = _time(said[TIME], at), _time(said[REPLIED], at) if said.get(REPLIED) else None
        _require(_ID.fullmatch(said[NUMBER]) is not None, f"{NUMBER}不对。")
        content = f"{said[SUBJECT]}\n{said[DETAIL]}".strip()
        _require(bool(content), "没有内容。")
        _require(len(content) <= CONTENT_MAX and len(said.get(REPLY, "")) <= REPLY_MAX, "内容过长。")
        _require("\0" not in content and "\0" not in said.get(REPLY, ""), "内容有不能保存的字符。")
        _require(replied is None or replied >= received, f"{REPLIED}早于{TIME}。")
        _require(bool(said.get(REPLY)) == (replied is not None), f"{REPLY}和{REPLIED}要一起有。")
        return _Row(
            line, said[NUMBER], said.get(USER, "")[:60], _kind(said[SUBJECT]), content, received, said.get(REPLY, ""), replied,
            *(_count(said.get(name, ""), name) for name in (LIKES, DISLIKES, COMPLETE, CLEAR)),
        )  # fmt: skip
    except ValueError as wrong:
        return ImportProblem(file, line, str(wrong))


def _require(is_so: bool, otherwise: str) -> None:
    if not is_so:
        raise ValueError(otherwise)


def _time(text: str, at: datetime) -> datetime:
    for shape in _TIMES:
        try:
            found = datetime.strptime(text.partition(".")[0], shape).replace(tzinfo=LEGAL_TIME)
        except ValueError:
            continue
        _require(datetime(1990, 1, 1, tzinfo=LEGAL_TIME) <= found <= at, f"时间不可信：{text[:30]}。")
        return found
    raise ValueError(f"时间看不懂：{text[:30]}。")


def _count(text: str, name: str) -> int | None:
    if not text:
        return None
    _require(text.isdecimal() and int(text) <= COUNT_MAX, f"{name}不是数字。")
    return int(text)


def _kind(subject: str) -> TicketKind:
    return next((kind for word, kind in _SAID.items() if word in subject), TicketKind.HELP)


def lines_of(problems: Iterable[ImportProblem]) -> Iterator[str]:
    """`file:line: what`."""
    for problem in problems:
        yield f"{problem.file}:{problem.line}: {problem.sentence}"
