"""The generic office behind every system: takes messages in, works on them in its own time, writes answers, behaves as its moods say."""

import hashlib
import json
import sqlite3
import threading
import uuid
from collections.abc import Callable
from dataclasses import asdict
from datetime import date, datetime, timedelta, timezone

from . import numbers
from .contracts import Answer, Desk, Fields, Item, Rejected, Step, System
from .moods import Chance, Moods
from .store import Store, dump

SHANGHAI = timezone(timedelta(hours=8))
MAY_COME_BACK = ("returned", "confirm")
LATE_MINUTES = 90
WORK_AT_ONCE_MAX = 200


class Office:
    def __init__(self, system: System, store: Store, *, seed: str, speed: float, clock: Callable[[], float]) -> None:
        self.system, self.store, self._clock, self._seed = system, store, clock, seed
        kept = store.get("control", "control") or {}
        self.moods = Moods().changed(kept.get("moods", {}))
        self.speed = float(kept.get("speed", speed))
        self.down_until = float(kept.get("down_until", 0))
        self._offset = float(kept.get("offset", 0))
        self._one_at_the_counter = threading.Lock()

    def now(self) -> float:
        return self._clock() + self._offset

    @property
    def callback_path(self) -> str:
        """Where the platform hears this system."""
        return f"/api/outside/{self.system.id}/messages"

    @property
    def is_down(self) -> bool:
        return self.now() < self.down_until

    def control(self, wishes: Fields) -> Fields:
        """Changes how this system behaves and says how it stands; what is not named stays."""
        if "down_minutes" in wishes:
            self.down_until = self.now() + 60 * float(wishes["down_minutes"])
        if wishes.get("up"):
            self.down_until = 0
        self._offset += 60 * float(wishes.get("advance_minutes", 0))
        self.speed = max(0.001, float(wishes.get("speed", self.speed)))
        self.moods = self.moods.changed(wishes.get("moods") or {})
        self.store.put(
            "control",
            "control",
            {"moods": asdict(self.moods), "speed": self.speed, "down_until": self.down_until, "offset": self._offset},
        )
        return self.state()

    def state(self) -> Fields:
        waiting = "SELECT count(*) FROM {} WHERE {}"
        return {
            "system": self.system.id,
            "title": self.system.title,
            "is_down": self.is_down,
            "down_until": _stamp(self.down_until) if self.is_down else None,
            "now": _stamp(self.now()),
            "speed": self.speed,
            "moods": asdict(self.moods),
            "items": self.store.number("SELECT count(*) FROM item"),
            "working": self.store.number(waiting.format("item", "next_at IS NOT NULL")),
            "postings_waiting": self.store.number(waiting.format("posting", "state = 'waiting'")),
        }

    def receive(self, message: Fields, body: bytes) -> Fields:
        """Takes one message in. The same message again gets the same reply; another under its id is turned away."""
        message_id, reference, subject, fields = (
            message.get(name) for name in ("message_id", "reference", "subject", "fields")
        )
        if not (
            isinstance(message_id, str)
            and message_id
            and isinstance(reference, str)
            and reference
            and isinstance(fields, dict)
        ):
            raise Rejected(422, "message.incomplete", "报文缺少message_id、reference或fields。")
        if not isinstance(subject, str) or subject not in self.system.subjects:
            raise Rejected(422, "message.subject", "本系统不办理这类业务。")
        digest = hashlib.sha256(body).hexdigest()
        with self._one_at_the_counter:
            earlier = self.store.row("SELECT digest, reply FROM received WHERE message_id = ?", message_id)
            if earlier is None:
                return self._take_in(message_id, digest, reference, subject, fields)
        if earlier["digest"] != digest:
            raise Rejected(409, "message.reused", "报文编号已用于另一份报文。")
        reply: Fields = json.loads(earlier["reply"])
        return reply

    def _take_in(self, message_id: str, digest: str, reference: str, subject: str, fields: Fields) -> Fields:
        now, turn = self.now(), self._next_turn(reference)
        item = Item(reference, turn, numbers.receipt(self.system.id, reference, turn), subject, fields, "new")
        # Counted outside the transaction that may be rolled back: a refused try is still a try.
        self.system.receive(self._desk(reference), item)
        with self.store.transaction():
            next_at = now + self._seconds(self.system.subjects[subject])
            self.store.run(
                "INSERT INTO item (reference, turn, receipt, subject, fields, stage, received_at, next_at, changed_at) VALUES (?,?,?,?,?,?,?,?,?)",
                *(reference, turn, item.receipt, subject, dump(fields), "new", now, next_at, now),
            )
            reply = {"receipt": item.receipt, "reference": reference, "received_at": _stamp(now)}
            self.store.run("INSERT INTO received VALUES (?, ?, ?)", message_id, digest, dump(reply))
        return reply

    def _next_turn(self, reference: str) -> int:
        last = self.store.row(
            "SELECT turn, outcome FROM item WHERE reference = ? ORDER BY turn DESC LIMIT 1", reference
        )
        if last is None:
            return 1
        if last["outcome"] not in MAY_COME_BACK:
            raise Rejected(409, "message.already-here", "这件业务已在本系统,无需重复推送。")
        return int(last["turn"]) + 1

    def work(self) -> int:
        """Does all work that is due, each piece in its own transaction; returns how many pieces."""
        if self.is_down:
            return 0
        due = self.store.rows(
            "SELECT * FROM item WHERE next_at <= ? ORDER BY next_at LIMIT ?", self.now(), WORK_AT_ONCE_MAX
        )
        for row in due:
            with self.store.transaction():
                self._work_on(row)
        return len(due)

    def _work_on(self, row: sqlite3.Row) -> None:
        item = Item(
            row["reference"], row["turn"], row["receipt"], row["subject"], json.loads(row["fields"]), row["stage"]
        )
        step: Step = self.system.work(self._desk(f"{item.reference}#{item.turn}"), item)
        if step.answer:
            self._write(item, step.answer)
        next_at = self.now() + self._seconds(step.after_minutes) if step.next_stage else None
        outcome = str(step.answer.payload.get("outcome", "done")) if step.answer and not step.next_stage else ""
        self.store.run(
            "UPDATE item SET stage = ?, next_at = ?, outcome = ?, changed_at = ? WHERE reference = ? AND turn = ?",
            *(step.next_stage or "done", next_at, outcome, self.now(), item.reference, item.turn),
        )

    def _write(self, item: Item, answer: Answer) -> None:
        message_id, now = str(uuid.uuid4()), self.now()
        sequence = self.store.number(
            "INSERT INTO answer (message_id, reference, receipt, kind, payload, occurred_at) VALUES (?,?,?,?,?,?) RETURNING sequence",
            *(message_id, item.reference, item.receipt, answer.kind, dump(answer.payload), now),
        )
        chance = Chance(self._seed, f"{item.reference}#{item.turn}#{item.stage}")
        if chance.falls("lose", self.moods.lose):
            return
        deliver_at = now + (self._seconds(LATE_MINUTES) if chance.falls("shuffle", self.moods.shuffle) else 0)
        postings = 2 if chance.falls("duplicate", self.moods.duplicate) else 1
        self.store.run_many(
            "INSERT INTO posting (sequence, deliver_at) VALUES (?, ?)", [(sequence, deliver_at)] * postings
        )

    def answers(self, *, reference: str | None, after: int, limit: int = 200) -> list[Fields]:
        """What this office has answered, in its own order: for those who ask instead of being told."""
        rows = self.store.rows(
            "SELECT * FROM answer WHERE sequence > ? AND (? IS NULL OR reference = ?) ORDER BY sequence LIMIT ?",
            *(after, reference, reference, limit),
        )
        return [self.message(row) for row in rows]

    def message(self, row: sqlite3.Row) -> Fields:
        return {
            "message_id": row["message_id"],
            "system": self.system.id,
            "reference": row["reference"],
            "receipt": row["receipt"],
            "kind": row["kind"],
            "sequence": row["sequence"],
            "occurred_at": _stamp(row["occurred_at"]),
            "payload": json.loads(row["payload"]),
        }

    def reconciliation(self, day: date) -> list[Fields]:
        """One line for each item taken in or changed on a day."""
        start = datetime(day.year, day.month, day.day, tzinfo=SHANGHAI).timestamp()
        rows = self.store.rows(
            "SELECT i.*, (SELECT message_id FROM answer a WHERE a.receipt = i.receipt ORDER BY sequence DESC LIMIT 1) AS last_message_id,"
            " (SELECT count(*) FROM answer a WHERE a.receipt = i.receipt) AS answers FROM item i"
            " WHERE (received_at >= ?1 AND received_at < ?2) OR (changed_at >= ?1 AND changed_at < ?2) ORDER BY received_at, reference, turn",
            *(start, start + 86400),
        )
        names = ("reference", "turn", "receipt", "subject", "stage", "outcome", "answers", "last_message_id")
        return [{name: row[name] for name in names} | {"received_at": _stamp(row["received_at"])} for row in rows]

    def _desk(self, reference: str) -> Desk:
        return Desk(self.store, Chance(self._seed, reference), self.moods, datetime.fromtimestamp(self.now(), SHANGHAI))

    def _seconds(self, minutes: float) -> float:
        return minutes * 60 * self.moods.slow_factor / self.speed


def _stamp(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, SHANGHAI).isoformat(timespec="seconds")
