"""Reading runs and pairs (for who may), and, in workers and commands, entities with where each value is from."""

from datetime import datetime
from typing import TYPE_CHECKING

from yiwang.data.engine import queries as lake
from yiwang.data.entities import _matching, _prepare, _resolving
from yiwang.data.entities._clusters import joined as joined
from yiwang.data.entities._masks import shown
from yiwang.data.entities.contracts import (
    ROLES,
    VIEW,
    ChangeView,
    EntityView,
    Evidence,
    NoSuchModel,
    NoSuchPair,
    PairView,
    RunView,
    SurvivingValue,
    Verdict,
)
from yiwang.data.entities.kinds import MODEL, EntityModel
from yiwang.data.entities.models import Change, Pair, Run
from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, ActorKind, Denied
from yiwang.kernel.base.paging import Page, keyset
from yiwang.kernel.packs import queries as packs

if TYPE_CHECKING:
    from duckdb import DuckDBPyConnection

_ORDER = ("name", "code", "id_number", "sex", "born_on", "leader", "phone", "address")


def score(connection: "DuckDBPyConnection", relation: str, *, model_id: str, into: str) -> None:
    """Make the table `into` (l, r, bits) of the doubtful and taken pairs of any relation with `key` and the roles of a model.

    The records in comparable form stay in the table `prepared`. No source, nothing kept; for workers and commands.
    """
    found = model(model_id)
    _prepare.prepare(connection, found.of, relation, "prepared")
    _matching.score(connection, "prepared", found, into)


def may_view(by: Actor) -> bool:
    return by.kind is ActorKind.SYSTEM or access.may_anywhere(by, VIEW)


def model(model_id: str) -> EntityModel:
    """A model in force. Raises NoSuchModel."""
    pack = packs.find(MODEL, model_id)
    if pack is None:
        raise NoSuchModel("没有这个归一模型。", hint="请核对模型编号（yiwang packs）。")
    return pack.as_type(EntityModel)


def models() -> list[tuple[str, str]]:
    """Number and title of the models that name sources."""
    found = ((pack.id, pack.as_type(EntityModel)) for pack in packs.all_of(MODEL))
    return [(model_id, str(each.title)) for model_id, each in found if each.sources]


def titles() -> dict[str, tuple[str, dict[str, str]]]:
    """What each model is called, and what its sources are called by their codes."""
    found = ((pack.id, pack.as_type(EntityModel)) for pack in packs.all_of(MODEL))
    return {model_id: (str(each.title), {one.code: one.title for one in each.sources}) for model_id, each in found}


def runs(by: Actor, cursor: str | None = None, *, size: int = 10) -> Page[RunView]:
    """Runs of all models, the newest first."""
    require_view(by)
    return keyset(Run.objects.all(), order=("-id",), cursor=cursor, size=size).map(as_run)


def run(run_id: int, by: Actor) -> RunView | None:
    require_view(by)
    row = Run.objects.filter(pk=run_id).first()
    return as_run(row) if row else None


def waiting_count(by: Actor) -> int:
    return Pair.objects.filter(verdict=Verdict.WAITING).count() if may_view(by) else 0


def pairs(
    by: Actor,
    verdict: Verdict = Verdict.WAITING,
    cursor: str | None = None,
    *,
    model_id: str | None = None,
    size: int = 20,
) -> Page[PairView]:
    """Pairs of a verdict, those with the most evidence first; values are masked."""
    require_view(by)
    rows = Pair.objects.filter(verdict=verdict)
    if model_id:
        rows = rows.filter(model=model_id)
    return keyset(rows, order=("-bits", "id"), cursor=cursor, size=size).map(as_pair)


def pair(pair_id: int, by: Actor) -> PairView:
    """One pair, masked. Raises NoSuchPair."""
    require_view(by)
    row = Pair.objects.filter(pk=pair_id).first()
    if row is None:
        raise NoSuchPair("没有这一对记录。", hint="它可能已被更新的归一取代，请从列表重新打开。")
    return as_pair(row)


def history(model_id: str, entity_id: int, by: Actor) -> list[ChangeView]:
    """What became of a number, the newest first."""
    require_view(by)
    rows = Change.objects.filter(run__model=model_id, entity=entity_id).select_related("run").order_by("-id")[:100]
    return [ChangeView(row.kind, row.entity, tuple(row.others), row.run.ran_at) for row in rows]


def entity(model_id: str, entity_id: int) -> EntityView | None:
    """An entity of the newest run, values as they are. For workers and commands; who shows it records the purpose."""
    roles = ROLES[model(model_id).of]
    with lake.connect() as connection:
        members = lake.mount(connection, _resolving.members_table(model_id), alias="members")
        entities = lake.mount(connection, _resolving.entities_table(model_id), alias="entities")
        keys = connection.execute(
            f"SELECT source, own FROM {members} WHERE entity = ? ORDER BY rank, source, own", [entity_id]
        ).fetchall()
        columns = ", ".join(f"{role}, {role}__source, {role}__seen_on" for role in roles)
        row = connection.execute(f"SELECT {columns} FROM {entities} WHERE entity = ?", [entity_id]).fetchone()
    if row is None:
        return None
    values = [
        SurvivingValue(role, row[3 * place], row[3 * place + 1], row[3 * place + 2] or "")
        for place, role in enumerate(roles)
        if row[3 * place]
    ]
    return EntityView(entity_id, model_id, tuple((source, own) for source, own in keys), tuple(values))


def entity_of(model_id: str, source: str, key: str) -> int | None:
    """The number of the entity that a record belongs to. For workers and commands."""
    with lake.connect() as connection:
        members = lake.mount(connection, _resolving.members_table(model_id), alias="members")
        row = connection.execute(f"SELECT entity FROM {members} WHERE source = ? AND own = ?", [source, key]).fetchone()
    return int(row[0]) if row else None


def as_run(row: Run) -> RunView:
    waiting = Pair.objects.filter(model=row.model, verdict=Verdict.WAITING).count()
    return RunView(
        row.pk,
        row.model,
        row.records,
        row.entities,
        row.pairs,
        row.merged,
        row.split,
        waiting,
        row.left_out,
        row.ran_at,
    )


def as_pair(row: Pair, *, is_open: bool = False) -> PairView:
    one, other = row.content["values"]
    values = tuple(
        (role, shown(role, one[role], is_open), shown(role, other[role], is_open)) for role in _ORDER if role in one
    )
    evidence = tuple(Evidence(way, title, level, bits) for way, title, level, bits in row.content["evidence"])
    judged: datetime | None = row.judged_at
    return PairView(
        row.pk, row.model, row.bits, Verdict(row.verdict), (row.left_source, row.right_source), values, evidence, judged
    )


def require_view(by: Actor) -> None:
    """Raises Denied unless `by` may see entities at all."""
    if not may_view(by):
        raise Denied("您的岗位不能查看实体归一。", hint="请联系数据管理员。")
