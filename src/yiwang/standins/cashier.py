"""支付沙箱: a payment channel. Takes orders, has a page where people pay, calls back, gives money back, writes a file of the day."""

import html
import json
import threading
from datetime import date, datetime
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from .contracts import Answer, Desk, Fields, Item, Rejected, Step, System
from .counter import BODY_BYTES_MAX
from .counter import Handler as CounterHandler
from .office import SHANGHAI, Office

PAYMENT, REFUND = "payment", "refund"


def _receive(desk: Desk, item: Item) -> None:
    raise Rejected(404, "cashier.no-messages", "支付渠道不收业务报文。")


def _work(desk: Desk, item: Item) -> Step:
    raise AssertionError("a cashier has no items to work on")


SYSTEM = System("sandbox", "支付沙箱(演示)", {}, _receive, _work)


class Till(Office):
    """Payments and refunds by their numbers; what is done is done once, however often it is asked for."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._one_at_the_till = threading.Lock()

    @property
    def callback_path(self) -> str:
        return f"/api/payments/{self.system.id}/notices"

    def state(self) -> Fields:
        count = "SELECT count(*) FROM record WHERE drawer = ?"
        return super().state() | {"items": self.store.number(count, PAYMENT)}

    def begin(self, wanted: Fields) -> Fields:
        """A payment that waits for somebody to pay it. Raises Rejected for another one under its number."""
        number, amount, title = (wanted.get(name) for name in ("number", "amount_fen", "title"))
        if not (isinstance(number, str) and number and type(amount) is int and amount > 0 and isinstance(title, str)):
            raise Rejected(422, "cashier.incomplete", "报文缺少number、amount_fen或title。")
        with self._one_at_the_till:
            known = self.store.get(PAYMENT, number)
            if known and (known["status"] != "waiting" or known["amount_fen"] != amount):
                raise Rejected(409, "cashier.known", "这个单号已用过。")
            kept = {"number": number, "amount_fen": amount, "title": title, "status": "waiting"}
            self.store.put(PAYMENT, number, kept | {"return_path": str(wanted.get("return_path", "/"))})
        return kept

    def find(self, number: str) -> Fields | None:
        return self.store.get(PAYMENT, number)

    def close(self, number: str) -> Fields:
        """From now on it cannot be paid; a payment never heard of cannot either. What is paid stays paid."""
        with self._one_at_the_till:
            known = self.store.get(PAYMENT, number) or {
                "number": number,
                "amount_fen": 0,
                "title": "",
                "return_path": "/",
            }
            if known.get("status", "waiting") == "waiting":
                known["status"] = "closed"
                self.store.put(PAYMENT, number, known)
            return known

    def pay(self, number: str, *, succeeds: bool) -> Fields | None:
        """Somebody pays at the page, or their bank declines; the platform is told."""
        with self._one_at_the_till:
            known = self.store.get(PAYMENT, number)
            if known is None or known["status"] != "waiting":
                return known
            known["status"] = "paid" if succeeds else "failed"
            known["occurred_at"] = self._stamp()
            if succeeds:
                known["channel_number"] = f"SB{self.store.next_number('capture'):014d}"
            self.store.put(PAYMENT, number, known)
            with self.store.transaction():
                self._write(Item(number, 1, number, PAYMENT, {}, known["status"]), Answer("result", known))
        return known

    def refund(self, wanted: Fields) -> Fields:
        """Money back. Raises Rejected for what was never paid, or more than was."""
        number, refund_number, amount = (wanted.get(name) for name in ("number", "refund_number", "amount_fen"))
        if not (isinstance(number, str) and isinstance(refund_number, str) and type(amount) is int and amount > 0):
            raise Rejected(422, "cashier.incomplete", "报文缺少number、refund_number或amount_fen。")
        with self._one_at_the_till:
            known, paid = self.store.get(REFUND, refund_number), self.store.get(PAYMENT, number)
            if known:
                return known
            if paid is None or paid["status"] != "paid":
                raise Rejected(409, "cashier.not-paid", "这笔单没有付款。")
            back = sum(each["amount_fen"] for each in self._drawer(REFUND) if each["payment"] == number)
            if back + amount > paid["amount_fen"]:
                raise Rejected(409, "cashier.too-much", "退款超过了付款。")
            done = {
                "number": refund_number,
                "payment": number,
                "amount_fen": amount,
                "status": "paid",
                "channel_number": f"SR{self.store.next_number('refund'):014d}",
                "occurred_at": self._stamp(),
            }
            self.store.put(REFUND, refund_number, done)
            return done

    def statement(self, day: date) -> list[Fields]:
        """What came in and went out on a day."""
        names = ("number", "channel_number", "amount_fen", "occurred_at")
        found = []
        for drawer in (PAYMENT, REFUND):
            for each in self._drawer(drawer):
                moved = str(each.get("occurred_at", ""))[:10] == day.isoformat()
                if each["status"] == "paid" and moved:
                    found.append({"kind": drawer} | {name: each[name] for name in names})
        return sorted(found, key=lambda line: (line["occurred_at"], line["number"]))

    def message(self, row: Any) -> Fields:
        known: Fields = json.loads(row["payload"])
        names = ("number", "status", "amount_fen", "channel_number", "occurred_at")
        return {"message_id": row["message_id"]} | {name: known[name] for name in names if name in known}

    def _drawer(self, name: str) -> list[Fields]:
        rows = self.store.rows("SELECT value FROM record WHERE drawer = ? ORDER BY key", name)
        return [json.loads(row["value"]) for row in rows]

    def _stamp(self) -> str:
        return datetime.fromtimestamp(self.now(), SHANGHAI).isoformat(timespec="seconds")


class Handler(CounterHandler):
    """The cashier's addresses: signed ones for the platform, and the page for whoever pays."""

    @property
    def till(self) -> Till:
        office = self.server.office
        assert isinstance(office, Till)
        return office

    def do_GET(self) -> None:  # noqa: N802 the name http.server calls
        place = urlsplit(self.path)
        if place.path.startswith("/pay/"):
            return self._page(self.till.find(unquote(place.path[5:])))
        if place.path == "/control":
            return super().do_GET()
        if self._is_away() or not self._is_signed(b""):
            return None
        if place.path == "/statement":
            return self._statement(parse_qs(place.query).get("date", [""])[0])
        if place.path.startswith("/payments/"):
            known = self.till.find(unquote(place.path[len("/payments/") :]))
            return self._reply(200, known) if known else self._unknown()
        return self._unknown()

    def do_POST(self) -> None:  # noqa: N802
        path = urlsplit(self.path).path
        body = self._body(BODY_BYTES_MAX)
        if body is None:
            return None
        if path.startswith("/control"):
            return self._control(path, body)
        if path.startswith("/pay/"):
            return self._pressed(unquote(path[5:]), parse_qs(body.decode("utf-8", "replace")))
        if self._is_away() or not self._is_signed(body):
            return None
        try:
            answer = self._asked(path, body)
        except Rejected as error:
            return self._reply(error.status, {"code": error.code, "sentence": error.sentence})
        except ValueError:
            return self._reply(422, {"code": "message.malformed", "sentence": "报文不是JSON对象。"})
        return self._reply(200, answer) if answer is not None else self._unknown()

    def _asked(self, path: str, body: bytes) -> Fields | None:
        message = json.loads(body)
        if not isinstance(message, dict):
            raise ValueError
        if path == "/payments":
            begun = self.till.begin(message)
            return begun | {"page": f"{self.server.url}/pay/{begun['number']}"}
        if path == "/refunds":
            return self.till.refund(message)
        if path.startswith("/payments/") and path.endswith("/close"):
            return self.till.close(unquote(path[len("/payments/") : -len("/close")]))
        return None

    def _statement(self, day: str) -> None:
        try:
            lines = self.till.statement(date.fromisoformat(day))
        except ValueError:
            return self._reply(422, {"code": "query.malformed", "sentence": "查询参数不正确。"})
        text = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in [*lines, {"total": len(lines)}])
        return self._send(200, text.encode(), "application/x-ndjson", {})

    def _pressed(self, number: str, form: dict[str, list[str]]) -> None:
        known = self.till.pay(number, succeeds=form.get("what", [""])[0] == "pay")
        if known is None:
            return self._unknown()
        back = f"{self.server.courier.platform.rstrip('/')}{known['return_path']}"
        return self._send(303, b"", "text/plain", {"Location": back})

    def _page(self, known: Fields | None) -> None:
        if known is None:
            return self._unknown()
        fen = int(known["amount_fen"])
        amount = f"{fen // 100:,}.{fen % 100:02d}"
        words = {"waiting": "", "paid": "已付款", "failed": "付款未成功", "closed": "已关闭"}[str(known["status"])]
        buttons = (
            '<form method="post"><button name="what" value="pay">确认付款 Pay</button> '
            '<button name="what" value="fail">付款失败 Fail</button></form>'
        )
        page = (
            '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            "<title>支付沙箱</title><style>body{font:18px system-ui;max-width:24rem;margin:3rem auto;padding:0 1rem}"
            "button{font:inherit;padding:.7rem 1.2rem;margin:.5rem .5rem 0 0}b{font-size:2rem}</style>"
            f"<h1>支付沙箱（演示）</h1><p>{html.escape(str(known['title']))}</p><p><b>¥ {amount}</b></p>"
            f"<p>不会扣真钱。No real money moves.</p><p>{words}</p>{buttons if not words else ''}</html>"
        )
        return self._send(200, page.encode(), "text/html", {})

    def _unknown(self) -> None:
        return self._reply(404, {"code": "not-found", "sentence": "没有这个地址或单号。"})
