"""政务邮件: takes letters over SMTP (post_office.py); says nothing when they arrive, and tells when they come back."""

from ..contracts import Answer, Desk, Item, Rejected, Step, System, need

NOBODY, FULL = "nobody", "full"


def receive(desk: Desk, item: Item) -> None:
    need(item.fields, "to", "letter")
    name = str(item.fields["to"]).partition("@")[0]
    if name == NOBODY:
        raise Rejected(550, "5.1.1", "no such user here")
    if name == FULL:
        raise Rejected(552, "5.2.2", "mailbox is full")
    tried = desk.books.next_number(f"tries:{item.reference}")
    if desk.chance.falls(f"defer-{tried}", desk.moods.defer):
        raise Rejected(451, "4.7.1", "greylisted, try again later")


def work(desk: Desk, item: Item) -> Step:
    if desk.chance.falls("refuse", desk.moods.refuse):
        return Step(Answer("result", {"outcome": "bounced", "code": "5.1.1", "sentence": "邮件被退回：没有这个邮箱。"}))
    return Step(None)


SYSTEM = System("mail", "邮件服务器(演示)", {"mail": 0.5}, receive, work)
