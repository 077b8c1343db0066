"""Batches of scanned paper, their pages and what was read on them, as others see them. No Django."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound, Unavailable

SCAN_FORM = "ScanForm"  # the pack kind

VIEW, HAND_IN, CONFIRM, CHECK = "scans.view", "scans.hand-in", "scans.confirm", "scans.check"
PERMISSIONS = {
    VIEW: "查看扫描批次的进度",
    HAND_IN: "交接扫描件",
    CONFIRM: "对照扫描件确认识别结果",
    CHECK: "抽检他人确认的扫描件",
}
PICTURES = ".png,.jpg,.jpeg,.tif,.tiff,.pdf"
INSTALL = "请管理员在本机安装：pip install 'yiwang[ocr]'，约180 MB，之后不再联网。"


class Stand(StrEnum):
    """How a page stands. Every page ends as ready (a row, or rows), aside or unreadable."""

    WAITING = "waiting"
    DOUBTFUL = "doubtful"
    CHECKING = "checking"
    READY = "ready"
    ASIDE = "aside"
    UNREADABLE = "unreadable"

    @property
    def label(self) -> str:
        return _STANDS[self][0]

    @property
    def tone(self) -> str:
        return _STANDS[self][1]


_STANDS: Mapping[Stand, tuple[str, str]] = {
    Stand.WAITING: ("待识别", ""), Stand.DOUBTFUL: ("待确认", "amber"), Stand.CHECKING: ("待抽检", "brand"),
    Stand.READY: ("已确认", "green"), Stand.ASIDE: ("搁置", ""), Stand.UNREADABLE: ("无法辨认", "red"),
}  # fmt: skip
SETTLED = (Stand.READY, Stand.ASIDE, Stand.UNREADABLE)
ROWS_MAX = 200


class Held(StrEnum):
    """How the value of one field is held to be."""

    SURE = "sure"
    DOUBTFUL = "doubtful"
    CONFIRMED = "confirmed"
    AS_WRITTEN = "as-written"
    UNREADABLE = "unreadable"


class Doubt(StrEnum):
    """Why a field wants a person's eye."""

    NONE = ""
    MISSING = "missing"
    LOW = "low"
    CHECK = "check"
    SENT_BACK = "sent-back"

    @property
    def label(self) -> str:
        return _DOUBTS[self]


_DOUBTS: Mapping[Doubt, str] = {
    Doubt.NONE: "", Doubt.MISSING: "没有找到", Doubt.LOW: "识别把握不足", Doubt.CHECK: "校验不符",
    Doubt.SENT_BACK: "抽检退回",
}  # fmt: skip


class Act(StrEnum):
    """What a person did to a page or a field; kept for ever."""

    CONFIRMED = "confirmed"
    CHANGED = "changed"
    AS_WRITTEN = "as-written"
    UNREADABLE = "unreadable"
    ASIDE = "aside"
    ADDED = "added"
    DROPPED = "dropped"
    RETURNED = "returned"
    PASSED = "passed"
    SENT_BACK = "sent-back"

    @property
    def label(self) -> str:
        return _ACTS[self]


_ACTS: Mapping[Act, str] = {
    Act.CONFIRMED: "确认", Act.CHANGED: "改正", Act.AS_WRITTEN: "纸上如此", Act.UNREADABLE: "无法辨认", Act.ASIDE: "搁置",
    Act.ADDED: "加一行", Act.DROPPED: "去掉加的一行", Act.RETURNED: "放回待确认", Act.PASSED: "抽检通过", Act.SENT_BACK: "抽检退回",
}  # fmt: skip


class NoSuchForm(NotFound):
    code = "scans.no-such-form"


class NoSuchBatch(NotFound):
    code = "scans.no-such-batch"


class NoSuchPage(NotFound):
    code = "scans.no-such-page"


class NotForThisPost(Denied):
    code = "scans.not-for-this-post"


class BadPictures(Invalid):
    """Pictures that are not taken: none, too many, too large, broken, of another kind."""

    code = "scans.bad-pictures"


class CannotSettle(Conflict):
    """A page that somebody else has at hand, or that is no longer waiting for this."""

    code = "scans.cannot-settle"


class NotAsAsked(Invalid):
    """Values that do not fit; `places` names each field."""

    code = "scans.not-as-asked"


class NoReader(Unavailable):
    """What reads pictures is not installed, or gave up."""

    code = "scans.no-reader"


Box = tuple[float, float, float, float]  # left, top, right, bottom, as fractions of the picture
Corner = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Word:
    """Signs in one place: how sure the reader is of each, and the corners in pixels from the top left, clockwise."""

    text: str
    sure: tuple[float, ...]
    corners: tuple[Corner, Corner, Corner, Corner]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader made of one picture."""

    width: int
    height: int
    words: Sequence[Word]


Read = Callable[[bytes], Reading]


@dataclass(frozen=True, slots=True)
class Picture:
    """A file as it was handed in; `read` gives its content each time it is asked."""

    name: str
    read: Callable[[], bytes]


@dataclass(frozen=True, slots=True)
class FormView:
    """扫描件版式: a kind of paper, where its rows go, and whose it is."""

    id: str
    title: str
    source: str
    resource: str
    is_table: bool
    check_share: int
    keep_days: int
    org_id: int | None = None
    org_name: str = ""


@dataclass(frozen=True, slots=True)
class BatchView:
    """Pictures handed in together. `pages` is the sum of `stands`; each page ends as ready, aside or unreadable."""

    id: int
    form_id: str
    form_title: str
    resource: str
    title: str
    pages: int
    stands: Mapping[Stand, int]
    rows: int
    left_out: int
    handed_at: datetime
    settled_at: datetime | None
    kept_until: str
    parts: Sequence[int] = ()

    @property
    def is_settled(self) -> bool:
        return self.settled_at is not None

    def count(self, stand: Stand) -> int:
        return self.stands.get(stand, 0)

    @property
    def read(self) -> int:
        return self.pages - self.count(Stand.WAITING)

    @property
    def lines(self) -> list[tuple[Stand, int]]:
        return [(stand, self.count(stand)) for stand in Stand if self.count(stand)]


@dataclass(frozen=True, slots=True)
class FieldView:
    """One field of one row: what stands in it now, what was read, how sure, where on the picture, and why it is doubtful."""

    id: int
    row: int
    column: str
    value: str
    found: str
    confidence: int
    box: Box | None
    held: Held
    doubt: Doubt
    words: str
    is_corrected: bool
    is_demanded: bool
    is_added: bool = False

    @property
    def is_doubtful(self) -> bool:
        return self.held is Held.DOUBTFUL


@dataclass(frozen=True, slots=True)
class PageView:
    """One picture with what was read on it."""

    id: int
    batch_id: int
    number: int
    reference: str
    form_id: str
    form_title: str
    stand: Stand
    reason: str
    width: int
    height: int
    fields: Sequence[FieldView] = field(default_factory=tuple)
    is_table: bool = False
    may_be_taken_back: bool = False

    @property
    def is_many(self) -> bool:
        """Whether it bears more than one row."""
        return any(each.row > 1 for each in self.fields)

    @property
    def doubtful(self) -> list[FieldView]:
        return [each for each in self.fields if each.is_doubtful]

    @property
    def added(self) -> list[int]:
        """Rows that a person added, since the reader missed them."""
        return sorted({each.row for each in self.fields if each.is_added})


@dataclass(frozen=True, slots=True)
class PageRow:
    """A page in a list, without what was read on it."""

    id: int
    number: int
    reference: str
    stand: Stand
    reason: str
    doubtful: int


@dataclass(frozen=True, slots=True)
class Settling:
    """A person's word on one field: the value as it stands on the paper, or that nobody can read it."""

    field_id: int
    value: str = ""
    is_unreadable: bool = False
    is_as_written: bool = False


@dataclass(frozen=True, slots=True)
class ActView:
    """Who did what to a page, and when."""

    act: Act
    column: str
    name: str
    at: datetime
    row: int = 0
