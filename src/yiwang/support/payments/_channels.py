"""The channels of the place, and the sandbox: a cashier in another process that behaves like the real ones."""

import json
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any
from urllib.parse import quote, urlencode

from yiwang.kernel.base.contracts import Unavailable
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack
from yiwang.support.connectors import queries as connectors
from yiwang.support.connectors.contracts import Peer
from yiwang.support.payments.contracts import (
    BadNotice,
    CannotReachChannel,
    Channel,
    Headers,
    NoSuchChannel,
    Notice,
    Said,
    StatementLine,
    ToPay,
    Word,
)
from yiwang.support.payments.kinds import PAYMENT_CHANNEL, PaymentChannelPack

TEXT_MAX = 120


def channel_packs() -> list[Pack]:
    """The channels in force, in the order in which people see them."""
    found = packs.all_of(PAYMENT_CHANNEL)
    return sorted(found, key=lambda pack: (pack.as_type(PaymentChannelPack).order, pack.id))


def channel(channel_id: str) -> Channel:
    """Raises NoSuchChannel."""
    pack = packs.find(PAYMENT_CHANNEL, channel_id)
    if pack is None:
        raise NoSuchChannel("没有这种支付方式。", hint="请换一种。")
    body = pack.as_type(PaymentChannelPack)
    return ADAPTERS[body.adapter](body)


class Sandbox:
    """Signed JSON over HTTP, as between connectors and outside systems."""

    def __init__(self, body: PaymentChannelPack) -> None:
        self._id = body.id
        self._peer = Peer(body.id, body.url, body.url_setting, body.connect, body.answer)

    def start(self, wanted: ToPay) -> str:
        message = {
            "number": wanted.number,
            "amount_fen": wanted.amount_fen,
            "title": wanted.title,
            "return_path": wanted.return_path,
        }
        page = str(self._post("/payments", message).get("page", ""))[:400]
        if not page.startswith(("http://", "https://")):
            raise CannotReachChannel("支付渠道没有给出付款页。", hint="请稍后再试，或换一种支付方式。")
        return page

    def ask(self, number: str) -> Said:
        return _said(self._get(f"/payments/{quote(number)}"))

    def close(self, number: str) -> Said:
        return _said(self._post(f"/payments/{quote(number)}/close", {}))

    def refund(self, number: str, refund_number: str, amount_fen: int) -> Said:
        message = {"number": number, "refund_number": refund_number, "amount_fen": amount_fen}
        return _said(self._post("/refunds", message))

    def statement(self, day: date) -> Sequence[StatementLine]:
        _, content = self._call("GET", f"/statement?{urlencode({'date': day.isoformat()})}", b"")
        lines = [_object(line) for line in content.splitlines() if line.strip()]
        # The last line counts the others: a file cut short is no file.
        if not lines or lines[-1].get("total") != len(lines) - 1:
            raise CannotReachChannel("渠道的对账文件不完整。", hint="请稍后再对账。")
        return [_line(each) for each in lines[:-1]]

    def read(self, body: bytes, headers: Headers, *, at: datetime) -> Notice:
        connectors.require_genuine(
            self._id,
            method="POST",
            path=headers.path,
            body=body,
            timestamp=headers.timestamp,
            signature=headers.signature,
            at=at,
        )
        message = _object(body)
        message_id, number = message.get("message_id"), message.get("number")
        said = _said(message)
        is_named = all(isinstance(each, str) and 0 < len(each) <= TEXT_MAX for each in (message_id, number))
        if not is_named or said.word is Word.UNKNOWN or (said.word is Word.PAID and said.amount_fen <= 0):
            raise BadNotice("报文缺少编号、状态或金额。", hint="请对照接口说明。")
        return Notice(str(message_id), str(number), said)

    def _post(self, path: str, message: dict[str, Any]) -> dict[str, Any]:
        return self._answer("POST", path, json.dumps(message, ensure_ascii=False).encode())

    def _get(self, path: str) -> dict[str, Any]:
        return self._answer("GET", path, b"")

    def _answer(self, method: str, path: str, body: bytes) -> dict[str, Any]:
        _, content = self._call(method, path, body)
        return _object(content)

    def _call(self, method: str, path: str, body: bytes) -> tuple[int, bytes]:
        try:
            status, content = connectors.exchange(self._peer, method, path, body)
        except Unavailable as error:
            raise CannotReachChannel("支付渠道没有回答。", hint="请稍后再试，或换一种支付方式。") from error
        if status == 404:
            return status, b'{"status": "unknown"}'
        if not 200 <= status < 300:
            raise CannotReachChannel("支付渠道暂时不能受理。", hint="请稍后再试，或换一种支付方式。")
        return status, content


ADAPTERS: dict[str, Callable[[PaymentChannelPack], Channel]] = {"sandbox": Sandbox}


def _object(content: bytes) -> dict[str, Any]:
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _said(answer: dict[str, Any]) -> Said:
    status = answer.get("status")
    word = Word(status) if isinstance(status, str) and status in {each.value for each in Word} else Word.UNKNOWN
    return Said(word, _fen(answer.get("amount_fen")), str(answer.get("channel_number", ""))[:80], _moment(answer))


def _moment(answer: dict[str, Any]) -> datetime | None:
    try:
        found = datetime.fromisoformat(str(answer.get("occurred_at", "")))
    except ValueError:
        return None
    return found if found.tzinfo else None


def _line(line: dict[str, Any]) -> StatementLine:
    return StatementLine(
        is_refund=line.get("kind") == "refund",
        number=str(line.get("number", ""))[:80],
        channel_number=str(line.get("channel_number", ""))[:80],
        amount_fen=_fen(line.get("amount_fen")),
    )


def _fen(value: Any) -> int:
    return value if type(value) is int and 0 <= value <= 10**14 else 0
