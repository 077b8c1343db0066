"""Effects that flows name to bring a decision into the registries: `{do: registries.take_over_birth, with: {name: child_name, …}}`."""

from datetime import datetime
from typing import Any

from yiwang.data.registries import actions, queries
from yiwang.data.registries.contracts import PersonRecord
from yiwang.kernel.base.sealing import sealed_index
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import EffectContext, register_effect


def take_over_birth(context: EffectContext) -> None:
    """Record the child whom the household authority registered; told again it changes nothing."""
    values = _values(context)
    number = str(values.get("id_number") or "")
    if not number or queries.find_person(sealed_index(number)) is not None:
        return
    parents = [values[role] for role in ("mother_id", "father_id") if values.get(role)]
    settled = next((p for key in _keys(values) if (p := queries.find_person(key))), None)
    actions.register_birth(
        person=PersonRecord(
            id_number=number,
            name=str(values["name"]),
            sex=str(values["sex"]),
            born_on=datetime.fromisoformat(str(values["born_at"])).date(),
            ethnicity=str(values.get("ethnicity") or (settled.ethnicity if settled else "")),
            region_code=settled.region_code if settled else context.case.region_code,
            address=settled.address if settled else "",
            household_no=str(values.get("household_no") or (settled.household_no if settled else "")),
            relation=str(values.get("relation") or ("20" if values["sex"] == "1" else "30")),
            registered_on=context.at.date(),
        ),
        parent_keys=tuple(sealed_index(str(parent)) for parent in parents),
        by=context.by,
        at=context.at,
    )


def correct(context: EffectContext) -> None:
    """更正登记: the unit's own words, else what the objection claims; within the step that decides it."""
    actions.correct(case_id=context.case.id, value=str(context.form.get("value") or ""), by=context.by, at=context.at)


def register() -> None:
    register_effect("registries.correct", correct)
    register_effect("registries.take_over_birth", take_over_birth)


def _values(context: EffectContext) -> dict[str, Any]:
    """The flow's names filled from the case's answers and what the authority reported."""
    answers = {**(cases.data(context.case.id).get("answers") or {}), **context.form}
    return {name: answers.get(str(source)) for name, source in context.params.items()}


def _keys(values: dict[str, Any]) -> list[str]:
    """The parent whose household the child joins first, then the other."""
    roles = ("father_id", "mother_id") if values.get("follows") == "father" else ("mother_id", "father_id")
    return [sealed_index(str(values[role])) for role in roles if values.get(role)]
