"""What flows may have done to licences: `{do: licences.identify_holder, with: {type, number, id_number}}`."""

from typing import Any

from yiwang.kernel.base.contracts import SYSTEM
from yiwang.kernel.cases import queries as cases
from yiwang.kernel.cases.contracts import EffectContext
from yiwang.support.licences import actions, queries


def identify_holder(context: EffectContext) -> dict[str, Any]:
    """Tie the newborn's certificate to the number it has just got; `number` and `id_number` name answers or reported facts.

    A certificate that was not issued here (abroad, on paper, elsewhere) is nobody's to tie.
    """
    data = cases.data(context.case.id)
    values = {**(data.get("answers") or {}), **context.form}
    number, id_number = (str(values.get(context.params[name]) or "") for name in ("number", "id_number"))
    found = queries.find_by_number(str(context.params["type"]), number) if number and id_number else None
    if found is None:
        return {}
    # The household authority decided; the register is written by the system on its behalf.
    actions.identify_holder(licence_id=found.id, id_number=id_number, by=SYSTEM, at=context.at)
    return {"identified": found.id}
