"""Making codes: a fresh one for a screen, a lasting one for a plate. Nothing is written down: what is not scanned leaves no trace."""

import io
from datetime import datetime

import segno

from yiwang.data.places import queries as places
from yiwang.data.places.contracts import DoorView
from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import MandateKind
from yiwang.support.codes import _handles, _keys, _policy
from yiwang.support.codes._code import CodeKind, write
from yiwang.support.codes.contracts import Holder, KeyUse, NoCode, NoSuchPlate, Shown

# Twenty square modules between a thumb and a scratched screen are worth a little more ink.
ERROR, BORDER, SCALE = "m", 2, 4
DOOR_ID = 8


def holders_of(by: Actor, *, at: datetime) -> list[Holder]:
    """Whose codes somebody may show: one's own, and those of the firms that gave a mandate."""
    if by.party_id is None or by.account_id is None:
        return []
    mandates = [each for each in people.mandates_of(by.account_id, at=at) if each.kind is MandateKind.FIRM_AGENT]
    firms = [Holder(CodeKind.FIRM, each.id, each.principal_name) for each in mandates]
    return [Holder(CodeKind.PERSON, None, by.name), *firms]


def shown(holder: Holder, by: Actor, level: int, *, at: datetime) -> Shown:
    """A code that holds for a minute or so. Raises NoCode."""
    party_id = _party_of(holder, by, at)
    row = _keys.signing(KeyUse.SHOWING, at=at)
    until = at + _policy.life()
    handle = _handles.hidden(party_id, by.account_id or 0, blind=bytes.fromhex(str(row.blind)))
    kid, key = bytes.fromhex(row.kid), _keys.opened(str(row.private))
    text = write(holder.kind, handle, kid=kid, key=key, at=at, until=until, level=level)
    return Shown(holder.kind, text, picture(text), at, until, _policy.refresh_seconds())


def plate_text(door: DoorView, *, at: datetime) -> str:
    """The lasting code of a door."""
    row = _keys.signing(KeyUse.PLATES, at=at)
    handle = door.id.to_bytes(DOOR_ID, "big")
    return write(
        CodeKind.DOOR, handle, kid=bytes.fromhex(row.kid), key=_keys.opened(str(row.private)), at=at, until=None
    )


def door_of(text: str, *, at: datetime) -> DoorView:
    """The door of a plate. Raises BadText, NoSuchPlate."""
    found = _keys.verifier().read(text, at=at)
    door = places.door(int.from_bytes(found.handle, "big")) if found.kind is CodeKind.DOOR else None
    if door is None:
        raise NoSuchPlate("没有这块门牌。", hint="它可能已注销，请拨打12345核实。")
    return door


def picture(text: str) -> str:
    """The QR code as SVG that stands by itself."""
    out = io.BytesIO()
    segno.make(text, error=ERROR, boost_error=False).save(
        out, kind="svg", scale=SCALE, border=BORDER, xmldecl=False, omitsize=True, light="#fff", svgclass=None,
        lineclass=None,
    )  # fmt: skip
    return out.getvalue().decode()


def _party_of(holder: Holder, by: Actor, at: datetime) -> int:
    if holder.mandate_id is None and by.party_id is not None and by.account_id is not None:
        return by.party_id
    mandate = next(
        (each for each in people.mandates_of(by.account_id or 0, at=at) if each.id == holder.mandate_id), None
    )
    if mandate is None or mandate.kind is not MandateKind.FIRM_AGENT:
        raise NoCode("没有可以出示的码。", hint="企业码由有授权的经办人出示，请核对授权是否还有效。")
    return mandate.principal_id
