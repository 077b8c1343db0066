"""税务社保费: writes a bill for a premium and hears after a while that it is paid."""

from datetime import timedelta

from .. import numbers
from ..contracts import Answer, Desk, Item, Rejected, Step, System, need, refused, result

DAYS_TO_PAY = 60
PREMIUM_FEN = 40_000


def receive(desk: Desk, item: Item) -> None:
    need(item.fields, "id_number", "insured_no")
    if not numbers.is_id_number(item.fields["id_number"]):
        raise Rejected(422, "tax.id-number", "公民身份号码不正确。")


def work(desk: Desk, item: Item) -> Step:
    if item.stage == "new":
        bill = {
            "bill_no": f"SBF{desk.books.next_number('bill'):012d}",
            "amount_fen": PREMIUM_FEN,
            "pay_by": f"{desk.now + timedelta(days=DAYS_TO_PAY):%Y-%m-%d}",
        }
        desk.books.put("bill", item.receipt, bill)
        return Step(Answer("accepted", bill), "wait", 60 + desk.chance.number("pace", 240))
    bill = desk.books.get("bill", item.receipt) or {}
    # Nobody pays for a while: the bill is called in once, then given up.
    if item.stage == "wait" and desk.chance.falls("refuse", desk.moods.refuse):
        return Step(
            Answer("progress", {"stage": "reminded", "sentence": "缴费提醒已发出。", **bill}),
            "given-up",
            DAYS_TO_PAY * 24 * 60,
        )
    if item.stage == "given-up":
        return refused("tax.unpaid", "缴费期已过,未收到保费。")
    return Step(
        result(
            "granted",
            **bill,
            paid_on=f"{desk.now:%Y-%m-%d}",
            payment_proof_no=f"WSZM{desk.books.next_number('proof'):012d}",
        )
    )


SYSTEM = System("tax", "社会保险费征收系统(演示)", {"premium": 1}, receive, work)
