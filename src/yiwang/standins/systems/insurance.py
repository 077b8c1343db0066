"""医保: enrols residents and pays maternity benefits; the premium itself goes through the tax system."""

from .. import numbers
from ..contracts import Answer, Desk, Item, Rejected, Step, System, need, refused, result


def receive(desk: Desk, item: Item) -> None:
    need(item.fields, "id_number")
    if not numbers.is_id_number(item.fields["id_number"]):
        raise Rejected(422, "insurance.id-number", "公民身份号码不正确。")
    if item.subject == "maternity-benefit":
        need(item.fields, "account_no", "account_name")


def work(desk: Desk, item: Item) -> Step:
    if item.stage == "new":
        return Step(Answer("accepted", {"office": "医保经办窗口"}), "decide", 10 + desk.chance.number("pace", 30))
    return _enrol(desk, item) if item.subject == "enrolment" else _pay_benefit(desk, item)


def _enrol(desk: Desk, item: Item) -> Step:
    number = str(item.fields["id_number"])
    if desk.books.get("insured", number):
        return refused("insurance.already-enrolled", "该居民已参加居民医保,不能重复参保。")
    if desk.chance.falls("refuse", desk.moods.refuse):
        return refused("insurance.enrolled-elsewhere", "该居民在外地有生效的参保登记,请先停保。")
    insured_no = f"YB{desk.books.next_number('insured'):010d}"
    desk.books.put("insured", number, {"insured_no": insured_no, "reference": item.reference})
    return Step(
        result(
            "granted",
            insured_no=insured_no,
            enrolled_on=f"{desk.now:%Y-%m-%d}",
            effective_from=str(item.fields.get("born_on") or desk.now.isoformat())[:10],
        )
    )


def _pay_benefit(desk: Desk, item: Item) -> Step:
    if desk.chance.falls("refuse", desk.moods.refuse):
        return refused("insurance.not-covered", "生育发生时未参加生育保险或居民医保,不享受待遇。")
    amount_fen = 100_000 + 10_000 * desk.chance.number("amount", 30)
    return Step(
        result(
            "granted",
            amount_fen=amount_fen,
            payment_no=f"SY{desk.books.next_number('payment'):010d}",
            paid_on=f"{desk.now:%Y-%m-%d}",
        )
    )


SYSTEM = System("medical-insurance", "医疗保障信息平台(演示)", {"enrolment": 2, "maternity-benefit": 2}, receive, work)
