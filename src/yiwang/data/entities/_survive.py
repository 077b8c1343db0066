"""Whose value survives: for each value of an entity one record's, by the order that the model says, with source and day."""

from yiwang.data.entities.contracts import ROLES
from yiwang.data.entities.kinds import EntityModel

_ORDERS = {"rank": "rank ASC", "fresh": "seen_on DESC NULLS LAST", "complete": "length({role}) DESC"}


def surviving(model: EntityModel, members: str) -> str:
    """A SELECT of one row for an entity from a relation of its records (entity, source, key, rank, seen_on and roles as text)."""
    parts = []
    for role in ROLES[model.of]:
        wanted = [_ORDERS[order].format(role=role) for order in model.survive.get(role, ("rank",))]
        order = ", ".join([*wanted, "rank ASC", "source", "key"])
        there = f"FILTER (WHERE {role} IS NOT NULL AND {role} <> '')"
        parts += [
            f"first({role} ORDER BY {order}) {there} AS {role}",
            f"first(source ORDER BY {order}) {there} AS {role}__source",
            f"first(CAST(seen_on AS VARCHAR) ORDER BY {order}) {there} AS {role}__seen_on",
        ]
    return f"SELECT entity, count(*) AS records, {', '.join(parts)} FROM {members} GROUP BY entity"
