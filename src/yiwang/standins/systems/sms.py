"""短信通道: takes a text, tells later whether it arrived; refuses bad numbers and a sender in too much haste."""

import re

from ..contracts import Desk, Item, Rejected, Step, System, need, refused, result
from ..moods import Chance

PER_PHONE_AND_HOUR = 6
LENGTH_MAX = 500
TEXTS_MAX = 1000
PHONE, SIGNED = re.compile(r"1[3-9]\d{9}"), re.compile(r"【[^】]{2,12}】")


def receive(desk: Desk, item: Item) -> None:
    if item.subject == "texts":
        _receive_many(item)
        return
    need(item.fields, "phone", "text")
    phone, text = str(item.fields["phone"]), str(item.fields["text"])
    if not PHONE.fullmatch(phone):
        raise Rejected(422, "sms.bad-number", "不是有效的手机号码。")
    if len(text) > LENGTH_MAX:
        raise Rejected(422, "sms.too-long", f"短信超过{LENGTH_MAX}字。")
    if not SIGNED.match(text):
        raise Rejected(422, "sms.no-signature", "短信必须以【签名】开头。")
    # The counter counts every try, as carriers do: knocking faster does not help.
    if desk.books.next_number(f"{phone}:{desk.now:%Y%m%d%H}") > PER_PHONE_AND_HOUR:
        raise Rejected(429, "sms.throttled", "同一号码发送过于频繁。", retry_after=60 * (60 - desk.now.minute))


def _receive_many(item: Item) -> None:
    """Many at once go by another entrance, at the carrier's own pace: what is wrong with one is told of it later."""
    texts = item.fields.get("texts")
    if not isinstance(texts, list) or not 0 < len(texts) <= TEXTS_MAX:
        raise Rejected(422, "sms.malformed", f"一次1到{TEXTS_MAX}条。")
    if any(not isinstance(each, dict) or type(each.get("n")) is not int for each in texts):
        raise Rejected(422, "sms.malformed", "每条要有编号、号码和内容。")


def _one_of_many(desk: Desk, text: dict[str, object]) -> dict[str, object]:
    words = str(text.get("text", ""))
    if not PHONE.fullmatch(str(text.get("phone"))):
        return {"n": text["n"], "outcome": "undelivered", "code": "sms.bad-number"}
    if len(words) > LENGTH_MAX or not SIGNED.match(words):
        return {"n": text["n"], "outcome": "undelivered", "code": "sms.bad-text"}
    if Chance("texts", str(text["n"])).falls("refuse", desk.moods.refuse):
        return {"n": text["n"], "outcome": "undelivered", "code": "sms.unreachable"}
    return {"n": text["n"], "outcome": "delivered"}


def work(desk: Desk, item: Item) -> Step:
    if item.subject == "texts":
        return Step(result("done", items=[_one_of_many(desk, each) for each in item.fields["texts"]]))
    if desk.chance.falls("refuse", desk.moods.refuse):
        return refused("sms.unreachable", "用户关机或停机。", outcome="undelivered")
    return Step(result("delivered", delivered_at=desk.now.isoformat()))


SYSTEM = System("sms", "短信通道(演示)", {"text": 0.5, "texts": 0.5}, receive, work)
