"""Codes as other apps see them: what is shown, what a scan tells, why one is refused; and the verifier for any gate. No Django."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound
from yiwang.support.codes._code import (
    BadText,
    CodeKind,
    Expired,
    Forged,
    Genuine,
    NotACode,
    NotYet,
    PublicKey,
    TooLong,
    UnknownKey,
    Verifier,
)

__all__ = [
    "BadText",
    "CodeKind",
    "Expired",
    "Forged",
    "Genuine",
    "NotACode",
    "NotYet",
    "PublicKey",
    "TooLong",
    "UnknownKey",
    "Verifier",
]

SCAN, PLATES = "codes.scan", "codes.plates"


class Mode(StrEnum):
    """Whether the scanner asks us at once, or checks by itself and reports later."""

    ONLINE = "online"
    OFFLINE = "offline"


class KeyUse(StrEnum):
    """Keys of codes on a screen are rolled; a plate hangs for decades."""

    SHOWING = "showing"
    PLATES = "plates"


class NoSuchScene(NotFound):
    code = "codes.no-such-scene"


class NoSuchScan(NotFound):
    """Not one's own, not of a scene that fills forms, or too long ago."""

    code = "codes.no-such-scan"


class NoCode(Denied):
    """Nobody here to show a code of."""

    code = "codes.no-code"


class NoSuchPlate(NotFound):
    code = "codes.no-such-plate"


class NotYourScene(Denied):
    """No post of the scanner is among those that the scene names."""

    code = "codes.not-your-scene"


class WrongHolder(Invalid):
    """A firm's code where the scene is for persons, or the other way round; or a door plate."""

    code = "codes.wrong-holder"


class HolderGone(Conflict):
    """The mandate under which a firm's code was shown is over, or the account is off."""

    code = "codes.holder-gone"


class LevelTooLow(Invalid):
    """The scene asks for a surer proof of who shows the code."""

    code = "codes.level-too-low"


class Replayed(Conflict):
    """This code was scanned in this scene before."""

    code = "codes.replayed"


class BadBatch(Invalid):
    code = "codes.bad-batch"


@dataclass(frozen=True, slots=True)
class Holder:
    """Whose code: one's own, or that of the firm of a mandate."""

    kind: CodeKind
    mandate_id: int | None = None
    title: str = ""


@dataclass(frozen=True, slots=True)
class Shown:
    """A code to put on a screen: its text, the picture (SVG) and how long it holds."""

    kind: CodeKind
    text: str
    picture: str
    shown_at: datetime
    until: datetime
    refresh_seconds: int


@dataclass(frozen=True, slots=True)
class LearnedView:
    """One value that a scene learns, named for people."""

    name: str
    title: str


@dataclass(frozen=True, slots=True)
class SceneView:
    id: str
    title: str
    purpose: str
    mode: Mode
    holders: tuple[CodeKind, ...]
    learns: tuple[LearnedView, ...]
    is_once: bool
    keep_days: int
    fills: tuple[str, ...] = ()
    level: int = 1


@dataclass(frozen=True, slots=True)
class SeenValue:
    """A declared value as it was at the scan; `said` is how it is put to people."""

    name: str
    title: str
    value: str | bool
    said: str


@dataclass(frozen=True, slots=True)
class Seen:
    """What a scan told: the declared values and nothing else."""

    scan_id: int
    scene_id: str
    kind: CodeKind
    values: tuple[SeenValue, ...]
    fills: Mapping[str, str]
    at: datetime


@dataclass(frozen=True, slots=True)
class BearerView:
    """Who stands at the counter: the account that showed the code, for a firm its mandate, and what the scene declares."""

    scan_id: int
    account_id: int
    mandate_id: int | None
    org_id: int
    values: tuple[SeenValue, ...]


@dataclass(frozen=True, slots=True)
class OfflineScan:
    """A scan that a gate made by itself; `key` is the gate's own number for it."""

    key: str
    text: str
    scanned_at: datetime


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an offline scan: taken (now or before), or the code of the refusal with a sentence."""

    key: str
    is_taken: bool
    code: str = ""
    said: str = ""


@dataclass(frozen=True, slots=True)
class ScanView:
    """One scan as the holder sees it."""

    id: int
    scene: str
    purpose: str
    org_id: int
    learned: tuple[str, ...]
    is_offline: bool
    at: datetime
    until: date


@dataclass(frozen=True, slots=True)
class KeyView:
    kid: str
    use: KeyUse
    made_at: datetime
    signs_from: datetime
    is_signing: bool
