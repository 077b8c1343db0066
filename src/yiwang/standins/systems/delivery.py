"""寄递: carries papers to the door; picked up, under way, signed for, and now and then lost."""

from ..contracts import Answer, Desk, Item, Step, System, need, refused, result

STATIONS = ("安澜集散中心", "安澜市区营业部")


def receive(desk: Desk, item: Item) -> None:
    need(item.fields, "recipient", "phone", "address", "items")


def work(desk: Desk, item: Item) -> Step:
    if item.stage == "new":
        waybill = f"AL{desk.books.next_number('waybill'):011d}"
        desk.books.put("waybill", item.receipt, {"waybill_no": waybill})
        return Step(Answer("accepted", {"waybill_no": waybill}), "picked-up", 60 + desk.chance.number("pace", 120))
    waybill = (desk.books.get("waybill", item.receipt) or {}).get("waybill_no", "")
    if item.stage == "picked-up":
        return Step(_told("picked-up", waybill, "已揽收"), "under-way-0", 180)
    if item.stage.startswith("under-way"):
        leg = int(item.stage.rsplit("-", 1)[1])
        next_stage = f"under-way-{leg + 1}" if leg + 1 < len(STATIONS) else "at-the-door"
        return Step(_told("under-way", waybill, f"到达{STATIONS[leg]}", place=STATIONS[leg]), next_stage, 240)
    if desk.chance.falls("refuse", desk.moods.refuse):
        return refused("delivery.lost", "寄件在运输中遗失。", outcome="lost")
    return Step(result("signed", waybill_no=waybill, signed_at=desk.now.isoformat(), signed_by="本人"))


def _told(stage: str, waybill: str, sentence: str, **more: str) -> Answer:
    return Answer("progress", {"stage": stage, "waybill_no": waybill, "sentence": sentence, **more})


SYSTEM = System("delivery", "政务寄递服务(演示)", {"parcel": 2}, receive, work)
