"""短信通道: takes a text, tells later whether it arrived; refuses bad numbers and a sender in too much haste."""

import re

from ..contracts import Desk, Item, Rejected, Step, System, need, refused, result

PER_PHONE_AND_HOUR = 6
LENGTH_MAX = 500


def receive(desk: Desk, item: Item) -> None:
    need(item.fields, "phone", "text")
    phone, text = str(item.fields["phone"]), str(item.fields["text"])
    if not re.fullmatch(r"1[3-9]\d{9}", phone):
        raise Rejected(422, "sms.bad-number", "不是有效的手机号码。")
    if len(text) > LENGTH_MAX:
        raise Rejected(422, "sms.too-long", f"短信超过{LENGTH_MAX}字。")
    if not re.match(r"【[^】]{2,12}】", text):
        raise Rejected(422, "sms.no-signature", "短信必须以【签名】开头。")
    # The counter counts every try, as carriers do: knocking faster does not help.
    if desk.books.next_number(f"{phone}:{desk.now:%Y%m%d%H}") > PER_PHONE_AND_HOUR:
        raise Rejected(429, "sms.throttled", "同一号码发送过于频繁。", retry_after=60 * (60 - desk.now.minute))


def work(desk: Desk, item: Item) -> Step:
    if desk.chance.falls("refuse", desk.moods.refuse):
        return refused("sms.unreachable", "用户关机或停机。", outcome="undelivered")
    return Step(result("delivered", delivered_at=desk.now.isoformat()))


SYSTEM = System("sms", "短信通道(演示)", {"text": 0.5}, receive, work)
