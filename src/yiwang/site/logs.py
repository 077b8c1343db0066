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


def configure(*, level: str) -> None:
    """Send the standard library's and structlog's events through the same JSON renderer to standard error."""
    shared: list[Processor] = [
        structlog.stdlib.ExtraAdder(allow=_WANTED),
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _without_personal_data,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=shared,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            _without_values,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
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


def _without_personal_data(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    for name in _UNWANTED:
        event.pop(name, None)
    return event


def _without_values(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    if "exception" in event:
        event["exception"] = _VALUES.sub(r"\1: (left out)", str(event["exception"]))
    return event
