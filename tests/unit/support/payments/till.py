"""A payment channel in memory: it keeps the port's promises and breaks everything the port does not promise."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from yiwang.support.payments.contracts import (
    BadNotice,
    CannotReachChannel,
    Headers,
    Notice,
    Said,
    StatementLine,
    ToPay,
    Word,
)


@dataclass
class Till:
    """Captures are what really left somebody's purse, returns what really went back."""

    name: str
    wanted: dict[str, int] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    captured: dict[str, int] = field(default_factory=dict)
    returned: dict[str, tuple[str, int]] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)
    breaks: str = ""  # "before" or "after" the next call takes effect, the line breaks

    def start(self, wanted: ToPay) -> str:
        self._break("before")
        if wanted.number in self.closed:
            raise CannotReachChannel("已关闭")
        self.wanted.setdefault(wanted.number, wanted.amount_fen)
        self._break("after")
        return f"https://{self.name}.example/pay/{wanted.number}"

    def ask(self, number: str) -> Said:
        self._break("before")
        return self._said(number)

    def close(self, number: str) -> Said:
        self._break("before")
        if number not in self.captured:
            self.closed.add(number)
        self._break("after")
        return self._said(number)

    def refund(self, number: str, refund_number: str, amount_fen: int) -> Said:
        self._break("before")
        assert number in self.captured, "asked to return what was never captured"
        if refund_number not in self.returned:
            back = sum(amount for of, amount in self.returned.values() if of == number)
            assert back + amount_fen <= self.captured[number], "asked to return more than was captured"
            self.returned[refund_number] = (number, amount_fen)
        self._break("after")
        return Said(Word.PAID, amount_fen, f"R-{refund_number}")

    def statement(self, day: date) -> Sequence[StatementLine]:
        paid = [StatementLine(False, number, f"C-{number}", fen) for number, fen in self.captured.items()]
        back = [StatementLine(True, number, f"R-{number}", fen) for number, (_, fen) in self.returned.items()]
        return paid + back

    def read(self, body: bytes, headers: Headers, *, at: datetime) -> Notice:
        raise BadNotice("不经HTTP")

    def pay(self, number: str, amount_fen: int | None = None) -> bool:
        """Somebody pays at the page; a notice is written. False where it cannot be paid."""
        if number not in self.wanted or number in self.closed or number in self.captured:
            return False
        self.captured[number] = self.wanted[number] if amount_fen is None else amount_fen
        said = Said(Word.PAID, self.captured[number], f"C-{number}")
        self.notices.append(Notice(f"N-{number}", number, said))
        return True

    def decline(self, number: str) -> None:
        if number in self.wanted and number not in self.captured and number not in self.closed:
            self.closed.add(number)
            self.notices.append(Notice(f"F-{number}", number, Said(Word.FAILED)))

    @property
    def net_fen(self) -> int:
        return sum(self.captured.values()) - sum(amount for _, amount in self.returned.values())

    def _said(self, number: str) -> Said:
        if number in self.captured:
            return Said(Word.PAID, self.captured[number], f"C-{number}")
        if number in self.closed:
            return Said(Word.CLOSED)
        return Said(Word.WAITING if number in self.wanted else Word.UNKNOWN)

    def _break(self, when: str) -> None:
        if self.breaks == when:
            self.breaks = ""
            raise CannotReachChannel("线路断了")
