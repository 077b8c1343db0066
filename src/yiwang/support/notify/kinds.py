"""Pack kinds of messages: the templates, and how text messages are sent in a place."""

from collections.abc import Iterator, Mapping
from datetime import time
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, StringConstraints

from yiwang.kernel.packs.contracts import Pack, PackFault, PackId, PackModel, PackPart, PackSet, Problem, Text
from yiwang.support.notify import _clock, _words

TEMPLATE, POLICY, CATEGORY = "MessageTemplate", "MessagePolicy", "MessageCategory"
AUDIENCE = "Audience"
# Nobody's policy sends text messages then.
NIGHT = (time(22), time(7))
SMS_LENGTH_MAX = 200
PERSONAL_WORDS = ("name", "id_number", "id", "phone_number", "mobile", "address", "born_on", "account")

Occasion = Literal[
    "opened",
    "accepted",
    "asked",
    "decided",
    "closed",
    "paused",
    "resumed",
    "extended",
    "due-soon",
    "overdue",
    "parcel-picked-up",
    "parcel-signed",
    "parcel-lost",
    "merged-closed",
    "fee-due",
    "licence-asked",
    "licence-changed",
    "licence-ended",
    "licence-ending",
    "licence-used",
]
Reader = Annotated[str, StringConstraints(pattern=r"^(applicant|post:[a-z][a-z0-9-]*)$", max_length=60)]


class MessageTemplate(PackModel):
    """One message: on which occasion of a case it goes to whom, and its words. `short` is said when a fact of `text` is not known.

    `text` goes by text message and into the inbox; `detail` into the inbox only, so only it may carry a clerk's own words.
    """

    kind_title: ClassVar[str] = "消息模板"
    field_names: ClassVar = {
        "on": "何事触发", "case": "业务类别", "when": "条件", "to": "发给谁", "channels": "渠道", "urgent": "紧急",
        "text": "正文", "short": "短信", "detail": "详情", "unless": "除外的情形", "category": "消息类别",
        "campaign": "可用于群发",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset({"title", "text", "short", "detail", "channels", "category"})

    on: Occasion | None = None
    part_of: Literal["any", "root", "part"] = Field(default="any", alias="case")
    when: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    unless: Mapping[str, tuple[str, ...]] = Field(default_factory=dict)
    to: Reader = "applicant"
    channels: Annotated[tuple[Literal["site", "sms", "email"], ...], Field(min_length=1)] = ("site", "sms")
    category: PackId = "progress"
    is_campaign: bool = Field(default=False, alias="campaign")
    is_urgent: bool = Field(default=False, alias="urgent")
    text: Text
    short: Text | None = None
    detail: Text | None = None

    @property
    def leaves(self) -> bool:
        """Whether it goes anywhere but into the inbox."""
        return self.channels != ("site",)


def _time(value: Any) -> Any:
    try:
        return time.fromisoformat(value) if isinstance(value, str) else value
    except ValueError as wrong:
        raise PackFault(f"“{value}”不是时刻。", '请写成 "21:00"。') from wrong


Clock = Annotated[time, BeforeValidator(_time, json_schema_input_type=str)]


class MessageCategory(PackModel):
    """What people may choose by. Channels in `keeps` cannot be switched off: the law wants people told, and `legal_basis` says which."""

    kind_title: ClassVar[str] = "消息类别"
    field_names: ClassVar = {"keeps": "不能关闭的渠道"}

    overridable: ClassVar[frozenset[str]] = frozenset({"title", "note", "keeps"})

    keeps: tuple[Literal["site", "sms"], ...] = ()


class MailPart(PackPart):
    """Letters leave through this outside system, from this address, for nobody to answer."""

    system: str = "mail"
    sender: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._+-]{1,60}@[A-Za-z0-9.-]{1,120}$")]


class MessagePolicy(PackModel):
    """How a place sends messages: under which signature, how many a day, not at night, in which order when a channel fails."""

    kind_title: ClassVar[str] = "消息发送规则"
    field_names: ClassVar = {
        "sign": "签名", "per_day": "一天最多条数", "quiet_from": "静默开始", "quiet_until": "静默结束",
        "channel": "短信渠道", "order": "送不到时的渠道次序", "join_minutes": "几分钟内合并", "mail": "邮件",
        "system": "外部系统", "sender": "发件地址", "own_quiet_hours_max": "个人静默最多小时数", "campaign_per_second": "群发每秒最多条数",
    }  # fmt: skip

    overridable: ClassVar[frozenset[str]] = frozenset(
        {
            "sign",
            "per_day",
            "quiet_from",
            "quiet_until",
            "channel",
            "order",
            "join_minutes",
            "mail",
            "campaign_per_second",
        }
    )

    sign: Annotated[str, StringConstraints(pattern=r"^[^【】\s]{2,12}$")]
    per_day: Annotated[int, Field(ge=1, le=100)] = 8
    quiet_from: Clock = time(21)
    quiet_until: Clock = time(8)
    channel: str = "sms"
    mail: MailPart | None = None
    order: tuple[Literal["sms", "email"], ...] = ("sms", "email")
    join_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    own_quiet_hours_max: Annotated[int, Field(ge=1, le=20)] = 14
    # None by itself: as fast as the worker goes.
    campaign_per_second: Annotated[int, Field(ge=0, le=10_000)] = 0


class Audience(PackModel):
    """受众: whom a campaign may go to without a file: living residents of an age, in the region of the unit that sends. It has its ground."""

    kind_title: ClassVar[str] = "群发受众"
    field_names: ClassVar = {"age_from": "年龄从", "age_until": "年龄到", "sex": "性别", "purpose": "用途"}
    overridable: ClassVar[frozenset[str]] = frozenset({"title", "note", "age_from", "age_until"})

    purpose: Annotated[str, StringConstraints(min_length=2, max_length=60)]
    age_from: Annotated[int, Field(ge=0, le=130)] = 0
    age_until: Annotated[int, Field(ge=0, le=130)] = 130
    sex: Literal["", "1", "2"] = ""


def check_template(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    """Only known placeholders; none that would name a person; free words never by text message."""
    body = pack.as_type(MessageTemplate)
    for field, text in (("text", body.text), ("short", body.short), ("detail", body.detail)):
        for language, words in (("zh", str(text or "")), ("en", text.en if text else "")):
            for what, remedy in _faults(words, is_free=field == "detail"):
                yield pack.problem(field, f"{language}:{what}", remedy)
    if "sms" in body.channels and len(body.text.zh) > SMS_LENGTH_MAX:
        yield pack.problem("text", f"短信文字超过{SMS_LENGTH_MAX}字。", "请缩短,细节写到 detail。")
    if body.text.zh and not body.text.en:
        yield pack.problem("text", "没有英文。", "请写成 {zh: …, en: …}。")
    yield from _fit_for_many(pack, body)
    known = list(packs.ids(CATEGORY))
    if known and body.category not in known:
        yield pack.problem("category", f"没有消息类别“{body.category}”。", f"可用：{'、'.join(sorted(known))}。")


def _fit_for_many(pack: Pack, body: MessageTemplate) -> Iterator[Problem]:
    """What goes to many is composed by hand, to parties, and names nothing that is one reader's own."""
    if not body.is_campaign:
        return
    if body.on or body.to != "applicant" or body.is_urgent:
        yield pack.problem(
            "campaign", "群发模板不能由事件触发、发给岗位或标为紧急。", "请去掉 on、to、urgent，或另写一个模板。"
        )
    own = {name for text in (body.text.zh, body.text.en) for name in _safe(text)} & _words.OF_ONE_READER
    if own:
        yield pack.problem("text", f"群发模板不能写只属于一个人的内容（{'、'.join(sorted(own))}）。", "请去掉。")


def _safe(text: str) -> frozenset[str]:
    try:
        return _words.placeholders(text)
    except ValueError:
        return frozenset()


def check_audience(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    """Whom many messages go to is said with its ground."""
    body = pack.as_type(Audience)
    if not body.legal_basis:
        yield pack.problem("legal_basis", "群发受众没有写依据。", "请写出法律、法规或文件的名称和条款。")
    if body.age_from > body.age_until:
        yield pack.problem("age_from", "年龄的起止颠倒了。", "请核对。")


def check_category(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    """What people cannot switch off has its ground."""
    body = pack.as_type(MessageCategory)
    if body.keeps and not body.legal_basis:
        remedy = "请写出法律、法规的名称和条款，或让人可以关闭。"
        yield pack.problem("legal_basis", "不能关闭的消息没有写依据。", remedy)


def check_policy(pack: Pack, packs: PackSet) -> Iterator[Problem]:
    """A place has one policy, it is quiet at night, and its order names no channel twice."""
    body = pack.as_type(MessagePolicy)
    others = [each for each in packs.all_of(POLICY) if each.id != pack.id]
    if others:
        yield pack.problem("id", f"已有消息发送规则 {others[0].id}。", "请合并为一个文件。")
    if not all(_clock.is_quiet(each, body.quiet_from, body.quiet_until) for each in _clock.hours(*NIGHT)):
        said = f"{NIGHT[0]:%H:%M}到{NIGHT[1]:%H:%M}"
        yield pack.problem("quiet_from", f"夜里（{said}）会发短信。", "请让静默时段盖住夜里。")
    if len(set(body.order)) != len(body.order):
        yield pack.problem("order", "有的渠道写了两次。", "每个渠道写一次。")


def _faults(words: str, *, is_free: bool) -> Iterator[tuple[str, str]]:
    try:
        names = _words.placeholders(words)
    except ValueError as wrong:
        yield f"占位符“{wrong}”写法不对。", "请写成 {title} 这样,不带格式。"
        return
    for name in sorted(names):
        if name in PERSONAL_WORDS:
            yield f"消息里不能有个人信息({name})。", "短信会被旁人看到,请去掉。"
        elif name not in _words.PLACEHOLDERS:
            yield f"没有占位符“{name}”。", f"可用:{'、'.join(sorted(_words.PLACEHOLDERS))}。"
        elif name in _words.FREE_WORDS and not is_free:
            yield f"经办人所写的文字({name})不能进短信。", "请移到 detail。"
