"""Resolving a model's registers, judging pairs, opening a pair for a purpose."""

from datetime import datetime

from django.db import transaction

from yiwang.data.engine import actions as lake_actions
from yiwang.data.engine import queries as lake
from yiwang.data.entities import _resolving, queries
from yiwang.data.entities.contracts import (
    JUDGE,
    RUN,
    NoSuchPair,
    PairView,
    RunView,
    Verdict,
)
from yiwang.data.entities.models import Change, Pair, Run
from yiwang.kernel.access import queries as access
from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, ActorKind, Denied, Invalid
from yiwang.kernel.base.sealing import sealed_index

AUTHORITY = "数据归一核对"
KEPT = 2000


def resolve(*, model_id: str, by: Actor, at: datetime) -> RunView:
    """Resolve all sources of a model anew. For workers and commands.

    Numbers stay with the records that had them; what people judged holds. Raises NoSuchModel, NothingToResolve.
    """
    _may(by, RUN)
    model = queries.model(model_id)
    newest = Run.objects.filter(model=model_id).order_by("-id").first()
    rows = Pair.objects.filter(model=model_id, verdict__in=[Verdict.SAME, Verdict.DIFFERENT])
    judged = {digest: verdict == Verdict.SAME for digest, verdict in rows.values_list("digest", "verdict")}
    with lake.connect(memory="2GB") as connection:
        found = _resolving.resolve(connection, model_id, model, judged=judged, last=newest.last if newest else 0)
        number = (newest.pk if newest else 0) + 1
        # Tables and history are one: a run cut off in between would leave numbers whose merging nobody wrote down.
        with transaction.atomic():
            for table, source in (
                (_resolving.members_table(model_id), "SELECT * EXCLUDE (key) FROM members"),
                (_resolving.entities_table(model_id), "SELECT * FROM surviving"),
            ):
                lake_actions.declare(name=table, layer="registry", by=by, at=at)
                lake_actions.commit(
                    table=table, source=source, connection=connection, mode="replace",
                    key=f"run:{number}:{at.isoformat()}", made_by=f"entities:{model_id}", by=by, at=at,
                )  # fmt: skip
            return _kept(model_id, found, by=by, at=at)


def _kept(model_id: str, found: _resolving.Resolved, *, by: Actor, at: datetime) -> RunView:
    numbers = found.numbers
    run = Run.objects.create(
        model=model_id, records=found.records, entities=found.entities, pairs=found.pairs, merged=len(numbers.merged),
        split=len(numbers.split), left_out=found.left_out, last=numbers.last, ran_at=at,
    )  # fmt: skip
    changes = [("merged", entity, to) for entity, to in sorted(numbers.merged.items())]
    changes += [("split", entity, to) for entity, to in sorted(numbers.split.items())]
    Change.objects.bulk_create(
        [Change(run=run, kind=kind, entity=entity, others=list(to)) for kind, entity, to in changes]
    )
    Pair.objects.filter(model=model_id, verdict__in=[Verdict.WAITING, Verdict.TAKEN]).delete()
    rows = [_row(model_id, pair) for pair in found.found]
    # What a person said, or put off, stays as it was said.
    Pair.objects.bulk_create(rows, batch_size=KEPT, ignore_conflicts=True)
    detail = {"records": found.records, "entities": found.entities, "pairs": found.pairs}
    audit.record("entities.resolved", target=f"entities:{model_id}", by=by, at=at, detail=detail)
    return queries.as_run(run)


def _row(model_id: str, pair: _resolving.Found) -> Pair:
    return Pair(
        model=model_id, digest=pair.digest, left_source=pair.sources[0], right_source=pair.sources[1],
        left_key=pair.keys[0], right_key=pair.keys[1], bits=pair.bits,
        content={
            "values": list(pair.values),
            "evidence": [[one.way, one.title, one.level, one.bits] for one in pair.evidence],
        },
        verdict=Verdict.TAKEN if pair.is_taken else Verdict.WAITING,
    )  # fmt: skip


@transaction.atomic
def judge(*, pair_id: int, verdict: Verdict, by: Actor, at: datetime) -> PairView:
    """Say that two records are the same, are not, or that it is left for later; the next run goes by it. Raises NoSuchPair."""
    _may(by, JUDGE)
    if verdict not in (Verdict.SAME, Verdict.DIFFERENT, Verdict.LATER):
        raise Invalid("请选择：同一个、不是同一个，或以后再定。", hint="三者选一。")
    row = Pair.objects.select_for_update().filter(pk=pair_id).first()
    if row is None:
        raise NoSuchPair("没有这一对记录。", hint="它可能已被更新的归一取代，请从列表重新打开。")
    row.verdict, row.judged_at, row.judged_by = verdict, at, by.account_id
    row.save(update_fields=["verdict", "judged_at", "judged_by"])
    audit.record("entities.pair.judged", target=f"pair:{pair_id}", by=by, at=at, detail={"verdict": str(verdict)})
    return queries.as_pair(row)


@transaction.atomic
def open_pair(*, pair_id: int, by: Actor, at: datetime) -> PairView:
    """Both records of a pair as they are, for who may judge it; written down for both subjects. Raises NoSuchPair."""
    _may(by, JUDGE)
    row = Pair.objects.filter(pk=pair_id).first()
    if row is None:
        raise NoSuchPair("没有这一对记录。", hint="它可能已被更新的归一取代，请从列表重新打开。")
    sides = zip((row.left_source, row.right_source), (row.left_key, row.right_key), row.content["values"], strict=True)
    for source, key, values in sides:
        subject = str(values.get("id_number") or values.get("code") or f"{source}\n{key}")
        audit.disclose(
            subject_key=sealed_index(subject), elements=sorted(name for name, value in values.items() if value),
            purpose="核对两条记录是不是同一个", authority=AUTHORITY, case_number=None, by=by, at=at,
        )  # fmt: skip
    return queries.as_pair(row, is_open=True)


def _may(by: Actor, permission: str) -> None:
    if by.kind is not ActorKind.SYSTEM and not access.may_anywhere(by, permission):
        raise Denied("您的岗位不能归一实体。", hint="请联系数据管理员。")
