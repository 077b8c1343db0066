"""An objection to a value of a resource as its provider reads it: the form of objections to registers."""

from typing import Any

from yiwang.data.catalogue.contracts import ResourceView
from yiwang.kernel.forms import queries as forms
from yiwang.kernel.forms.contracts import ObjectionView

FORM = "national.registries.objection-form"


def data(said: ObjectionView, entry: ResourceView) -> dict[str, Any]:
    """The case's sealed data."""
    form, item = forms.get(FORM), entry.item(said.field)
    answers = {
        "item": item.title if item else said.field,
        "register": entry.title,
        "held": said.held,
        "claimed": said.claimed,
        "words": said.words,
    }
    return {
        "form": {"id": form.id, "hash": form.hash},
        "answers": {name: value for name, value in answers.items() if value},
        # No record of a register of ours: what is put right is put right at the source.
        "objection": {"element": said.element, "subject_key": "", "uscc": ""},
    }
