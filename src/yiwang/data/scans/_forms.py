"""Forms of the packs in force, with the source that each feeds."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from yiwang.data.ingest import queries as ingest
from yiwang.data.ingest.contracts import DeclaredColumn
from yiwang.data.scans.contracts import FormView, NoSuchForm
from yiwang.data.scans.kinds import SCAN_FORM, ScanFieldPart, ScanFormPack
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack, PackSet


@dataclass(frozen=True, slots=True)
class Form:
    """A form with what its source says of the columns."""

    id: str
    hash: str
    body: ScanFormPack
    resource: str
    columns: Mapping[str, DeclaredColumn]

    @property
    def view(self) -> FormView:
        body = self.body
        return FormView(
            self.id, str(body.title), body.source, self.resource, body.is_table, body.check_share, body.keep_days
        )

    def column(self, name: str) -> DeclaredColumn:
        return self.columns[name]

    def sure_from(self, part: ScanFieldPart) -> int:
        return self.body.sure_from if part.sure_from is None else part.sure_from


class OfBatch(Protocol):
    """Whatever was begun under a form."""

    form_id: str
    form_hash: str


def of(batch: OfBatch) -> Form:
    """The form under which a batch was handed in, also where the packs have a newer one."""
    found = _known(packs.current()).get(batch.form_id)
    if found is not None and found.hash == batch.form_hash:
        return found
    return _form(packs.by_hash(SCAN_FORM, batch.form_id, batch.form_hash))


def every() -> list[Form]:
    return list(_known(packs.current()).values())


def get(form_id: str) -> Form:
    """Raises NoSuchForm."""
    found = _known(packs.current()).get(form_id)
    if found is None:
        raise NoSuchForm(f"没有扫描件版式“{form_id}”。", hint="yiwang ingest scan --list 列出所有版式。")
    return found


@lru_cache(maxsize=2)
def _known(in_force: PackSet) -> dict[str, Form]:
    return {pack.id: _form(pack) for pack in in_force.all_of(SCAN_FORM)}


def _form(pack: Pack) -> Form:
    body = pack.as_type(ScanFormPack)
    taken = ingest.declared(ingest.source(body.source))
    return Form(pack.id, pack.hash, body, taken.resource, {each.name: each for each in taken.columns})
