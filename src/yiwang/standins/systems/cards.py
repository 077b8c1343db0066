"""人社制卡: makes social-security cards; accepted, personalised, ready."""

from .. import numbers
from ..contracts import Answer, Desk, Item, Rejected, Step, System, need, refused, result


def receive(desk: Desk, item: Item) -> None:
    need(item.fields, "id_number", "name", "bank")
    if not numbers.is_id_number(item.fields["id_number"]):
        raise Rejected(422, "cards.id-number", "公民身份号码不正确。")


def work(desk: Desk, item: Item) -> Step:
    number = str(item.fields["id_number"])
    if item.stage == "new":
        if desk.books.get("card", number):
            return refused("cards.already-held", "该居民已有有效的社会保障卡,请办理补换。")
        return Step(Answer("accepted", {"office": "社保卡制卡中心"}), "check", 15)
    if item.stage == "check":
        if desk.chance.falls("refuse", desk.moods.refuse):
            return refused("cards.photo", "照片不符合制卡要求,请重新上传白底免冠照片。", outcome="returned")
        return Step(
            Answer("progress", {"stage": "personalising", "sentence": "正在写卡。"}),
            "make",
            120 + desk.chance.number("pace", 240),
        )
    card_no = f"A{desk.books.next_number('card'):08d}"
    desk.books.put("card", number, {"card_no": card_no, "reference": item.reference})
    return Step(result("granted", card_no=card_no, bank=item.fields["bank"], made_on=f"{desk.now:%Y-%m-%d}"))


SYSTEM = System("card-making", "社会保障卡制卡系统(演示)", {"social-card": 2}, receive, work)
