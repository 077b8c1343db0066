"""Logs: one JSON object a line, without personal data (no request bodies, no query strings, no user names)."""

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_UNWANTED = ("request", "server_time", "user", "args")
# Of what libraries attach to a record, only this is let in.
_WANTED = ("reference",)
# PostgreSQL repeats the row it refused in these lines.
_VALUES = re.compile(r"^(DETAIL|CONTEXT|STATEMENT):.*$", re.MULTILINE)
# 18 signs of an ID number, 11 of a mobile telephone, 15 of an old ID number: never part of a longer number of ours.
_NUMBERS = re.compile(r"(?<![0-9A-Za-z-])(?:\d{17}[\dXx]|\d{15}|1[3-9]\d{9})(?![0-9A-Za-z-])")


def configure(*, level: str) -> None:
    """Send the standard library's and structlog's events through the same JSON renderer to standard error."""
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(level)
    # Addresses of outside systems carry case numbers.
    logging.getLogger("httpx").setLevel(logging.WARNING)
    # Starting and ending a job is told with its arguments.
    logging.getLogger("procrastinate.worker").setLevel(logging.WARNING)
    # Unhandled errors are reported with a reference number by our own handler; 4xx are the reader's, not ours.
    for chatty in ("procrastinate.blueprints", "procrastinate.jobs", "procrastinate.periodic"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    logging.getLogger("django.request").setLevel(logging.ERROR)


def formatter() -> logging.Formatter:
    """What turns any record into one line of JSON that gives nobody away."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=_shared(),
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _without_values,
            _without_numbers,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def _shared() -> list[Processor]:
    return [
        structlog.stdlib.ExtraAdder(allow=_WANTED),
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_personal_data,
    ]


def _without_personal_data(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for name in _UNWANTED:
        event.pop(name, None)
    return event


def _without_numbers(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The last net: whatever a message or traceback quotes, no ID number and no telephone number leaves."""
    return {
        name: _NUMBERS.sub("(left out)", value) if isinstance(value, str) else value for name, value in event.items()
    }


def _without_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    if "exception" in event:
        event["exception"] = _VALUES.sub(r"\1: (left out)", str(event["exception"]))
    return event
