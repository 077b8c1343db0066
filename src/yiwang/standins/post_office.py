"""An SMTP server over an office: signs in, takes letters, greylists, refuses, is slow, and hangs up at the worst moment."""

import base64
import email
import hashlib
import hmac
import re
import socketserver
import threading
import time
from email.message import Message

from .contracts import Rejected
from .moods import Chance
from .office import Office

LETTER_BYTES_MAX = 1_000_000
LINE_BYTES_MAX = 4_096
USER = b"yiwang"


class PostOffice(socketserver.ThreadingTCPServer):
    """Listens on loopback only, in the clear."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, office: Office, *, key: bytes, port: int = 0) -> None:
        self.office, self.key = office, key
        super().__init__(("127.0.0.1", port), Conversation)

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}"

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True, name="post-office").start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()


class Conversation(socketserver.StreamRequestHandler):
    server: PostOffice
    timeout = 30

    def handle(self) -> None:
        self._is_known, self._to, self._has_sender = False, "", False
        if self.server.office.is_down:
            return
        self._say(220, "mail.example ESMTP")
        while line := self.rfile.readline(LINE_BYTES_MAX):
            verb, _, rest = line.decode("ascii", "replace").strip().partition(" ")
            if not self._answer(verb.upper(), rest.strip()):
                return

    def _answer(self, verb: str, rest: str) -> bool:
        """Whether the conversation goes on."""
        if verb == "QUIT":
            self._say(221, "bye")
            return False
        if verb == "DATA":
            return self._data()
        if verb == "EHLO":
            self.wfile.write(b"250-mail.example\r\n250-SIZE 1000000\r\n250 AUTH PLAIN\r\n")
        elif verb == "AUTH":
            self._auth(rest)
        elif verb == "MAIL":
            self._has_sender = self._is_known
            self._say(250 if self._is_known else 530, "ok" if self._is_known else "sign in first")
        elif verb == "RCPT":
            self._rcpt(rest)
        else:
            self._to = ""
            self._say(250 if verb in ("RSET", "NOOP", "HELO") else 502, "ok")
        return True

    def _auth(self, rest: str) -> None:
        kind, _, word = rest.partition(" ")
        if kind.upper() != "PLAIN":
            return self._say(504, "PLAIN only")
        if not word:
            self._say(334, "")
            word = self.rfile.readline(LINE_BYTES_MAX).decode("ascii", "replace").strip()
        try:
            _, user, secret = base64.b64decode(word).split(b"\0")
        except ValueError:
            return self._say(501, "malformed")
        self._is_known = user == USER and hmac.compare_digest(secret, self.server.key)
        return self._say(235 if self._is_known else 535, "welcome" if self._is_known else "5.7.8 who are you")

    def _rcpt(self, rest: str) -> None:
        found = re.fullmatch(r"TO:<([^<>\s@]+@[^<>\s@]+)>.*", rest, re.IGNORECASE)
        if not self._has_sender or not found:
            return self._say(503 if found else 501, "not now")
        self._to = found[1]
        return self._say(250, "ok")

    def _data(self) -> bool:
        if not self._to:
            self._say(503, "no recipient")
            return True
        self._say(354, "go ahead")
        letter = self._letter()
        if letter is None:
            self._say(552, "5.3.4 too big")
            return True
        time.sleep(self.server.office.moods.latency_ms / 1000)
        return self._take(letter)

    def _letter(self) -> bytes | None:
        lines, size = [], 0
        while (line := self.rfile.readline(LINE_BYTES_MAX)) not in (b".\r\n", b""):
            size += len(line)
            if size <= LETTER_BYTES_MAX:
                lines.append(line[1:] if line.startswith(b"..") else line)
        return b"".join(lines) if size <= LETTER_BYTES_MAX else None

    def _take(self, letter: bytes) -> bool:
        office, to = self.server.office, self._to
        self._to, self._has_sender = "", False
        parsed: Message = email.message_from_bytes(letter)
        number = str(parsed.get("Message-ID", "")).strip("<> ")
        reference, _, _ = number.partition(".")
        fields = {"to": to, "letter": letter.decode("ascii", "replace")}
        message = {"message_id": number, "reference": reference, "subject": "mail", "fields": fields}
        try:
            reply = office.receive(message, hashlib.sha256(letter).digest())
        except Rejected as wrong:
            self._say(wrong.status if wrong.status in (451, 550, 552) else 554, f"{wrong.code} refused")
            return True
        tried = office.store.next_number(f"drops:{reference}")
        if tried == 1 and Chance("drop", reference).falls("drop", office.moods.drop):
            return False  # taken, and not a word of it
        self._say(250, f"2.0.0 queued as {reply['receipt']}")
        return True

    def _say(self, code: int, words: str) -> None:
        self.wfile.write(f"{code} {words}\r\n".encode("ascii", "replace"))
