"""公安户籍: registers births, gives the child its citizen's number and a page in the household book."""

from datetime import date, datetime

from .. import numbers
from ..contracts import Answer, Desk, Fields, Item, Rejected, Step, System, need, refused, result

FIRST_SEQUENCE = 300  # below are the sequences of numbers given out before this system


def receive(desk: Desk, item: Item) -> None:
    fields = item.fields
    need(fields, "child_name", "sex", "born_at", "birth_certificate_no", "follows", "region_code")
    if fields["follows"] not in ("father", "mother"):
        raise Rejected(422, "household.follows", "随父或随母落户必须写明其一。")
    if fields["sex"] not in ("1", "2"):
        raise Rejected(422, "household.sex", "性别代码只接受1或2。")
    born_on = _born_on(fields)
    if born_on is None or born_on > desk.now.date():
        raise Rejected(422, "household.born-at", "出生时间不正确。")


def work(desk: Desk, item: Item) -> Step:
    if item.stage == "new":
        return Step(Answer("accepted", {"office": "户籍窗口"}), "check", 5)
    if item.stage == "check":
        return _check(desk, item)
    return _register(desk, item)


def _check(desk: Desk, item: Item) -> Step:
    fields = item.fields
    if desk.books.get("registered", str(fields["birth_certificate_no"])):
        return refused("household.already-registered", "该出生医学证明编号已办理过出生登记。")
    unknown = [title for role, title in (("mother", "母亲"), ("father", "父亲")) if not _is_known(desk, fields, role)]
    if unknown:
        return refused(
            "household.parent-unknown", f"人口库中查不到{'、'.join(unknown)}的公民身份号码,请核对。", outcome="returned"
        )
    if not fields.get(f"{fields['follows']}_id_number"):
        return refused("household.follows-nobody", "所随落户的一方没有填写公民身份号码。", outcome="returned")
    strange = [character for character in str(fields["child_name"]) if not _can_encode(character)]
    if strange and not fields.get("name_is_confirmed"):
        sentence = f"姓名用字{'、'.join(strange)}超出本系统常用字库,请监护人确认字形后再次提交。"
        return refused("household.name-to-confirm", sentence, outcome="confirm")
    if desk.chance.falls("refuse", desk.moods.refuse):
        return refused("household.certificate-differs", "出生医学证明与签发机构记录核验不一致。")
    return Step(
        Answer("progress", {"stage": "checked", "sentence": "已核验,正在登记。"}),
        "register",
        20 + desk.chance.number("pace", 60),
    )


def _register(desk: Desk, item: Item) -> Step:
    fields = item.fields
    certificate = str(fields["birth_certificate_no"])
    if desk.books.get("registered", certificate):
        return refused("household.already-registered", "该出生医学证明编号已办理过出生登记。")
    number = _allocate(desk, fields)
    page = _page(desk, fields)
    desk.books.put("registered", certificate, {"id_number": number, "reference": item.reference})
    desk.books.put("people", number, {"name": fields["child_name"], "book_no": page["book_no"]})
    return Step(result("granted", id_number=number, registered_on=f"{desk.now:%Y-%m-%d}", household_page=page))


def _allocate(desk: Desk, fields: Fields) -> str:
    """An odd last sequence digit is a boy's, an even one a girl's (GB 11643)."""
    region, born_on = str(fields["region_code"])[:6], _born_on(fields)
    assert born_on is not None
    is_male = fields["sex"] == "1"
    for _ in range(350):
        turn = desk.books.next_number(f"{region}{born_on:%Y%m%d}{fields['sex']}")
        sequence = (FIRST_SEQUENCE + 2 * (turn - 1) + (1 if is_male else 0)) % 1000
        number = numbers.id_number(region, born_on, sequence)
        if not desk.books.get("people", number):
            return number
    raise RuntimeError("every sequence of this region and day has been given out")


def _page(desk: Desk, fields: Fields) -> Fields:
    follows = desk.books.get("people", str(fields.get(f"{fields['follows']}_id_number"))) or {}
    region = str(fields["region_code"])[:6]
    book = fields.get("household_book_no") or follows.get("book_no") or f"{region}{desk.books.next_number('book'):08d}"
    return {
        "book_no": str(book),
        "page_no": desk.books.next_number(f"page:{book}"),
        "head_relation": "子" if fields["sex"] == "1" else "女",
        "kind": fields.get("household_kind") or "family",
        "moved_in_on": f"{desk.now:%Y-%m-%d}",
        "reason": "出生",
    }


def _is_known(desk: Desk, fields: Fields, role: str) -> bool:
    """A parent not named is no fault: a child may have one. With an empty book every lawful number counts as known."""
    number = fields.get(f"{role}_id_number")
    if not number:
        return True
    if not numbers.is_id_number(number):
        return False
    is_local = str(number)[:2] == str(fields["region_code"])[:2]
    return not is_local or desk.books.count("people") < 100 or desk.books.get("people", str(number)) is not None


def _can_encode(character: str) -> bool:
    try:
        character.encode("gbk")
    except UnicodeEncodeError:
        return character == "·"
    return True


def _born_on(fields: Fields) -> date | None:
    try:
        return datetime.fromisoformat(str(fields["born_at"])).date()
    except ValueError:
        return None


SYSTEM = System("household", "公安户籍管理系统(演示)", {"birth-registration": 1}, receive, work)
