"""What a form asks: each field with the register that answers for its element."""

from collections.abc import Iterator

from yiwang.kernel.elements import queries as elements
from yiwang.kernel.forms._asked import Asked
from yiwang.kernel.forms.contracts import source_title
from yiwang.kernel.forms.kinds import FORM, FormPack
from yiwang.kernel.packs.contracts import Pack, PackSet

NO_REGISTER = "没有登记库掌握"


def asked(pack: Pack, packs: PackSet) -> Iterator[Asked]:
    for group in pack.as_type(FormPack).groups:
        for part in group.fields:
            element = elements.get(part.element)
            authority = element.authority or ""
            source = source_title(authority) if authority else ""
            yield Asked(
                FORM, pack.id, str(pack.title), "field", part.name, str(part.label or element.title), element.id,
                authority, source, bool(authority) and not part.ask,
                str(part.ask) if part.ask else "" if authority else NO_REGISTER,
            )  # fmt: skip
