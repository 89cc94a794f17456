"""Logs: an event name and fields, ids only. A filter takes out numbers and mailboxes should one slip in."""

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

# Every spelling of a phone number we can tell from an id: a plus or a zero, then digits with the usual separators.
_NUMBER = re.compile(r"(?<![\w-])\(?(?:\+|00|0)(?:[\s().-]{0,3}\d){9,14}(?![\w-])")
_MAILBOX = re.compile(r"[^\s@<>\"'=,;]{1,64}@[^\s@<>\"'=,;]{1,255}\.[A-Za-z]{2,24}")


def redact(text: str) -> str:
    """`text` with everything that looks like a phone number or a mailbox blotted out."""
    return _MAILBOX.sub("[mailbox]", _NUMBER.sub("[number]", text))


def _redact_fields(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    for key, value in event.items():
        if isinstance(value, str) and key != "timestamp":
            event[key] = redact(value)
    return event


class _RedactingFormatter(logging.Formatter):
    """The second belt, for what libraries log."""

    def format(self, record: logging.LogRecord) -> str:
        return redact(super().format(record))


def set_up(*, level: int = logging.INFO) -> None:
    """Send structured lines to standard error; called once per process, before anything logs."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_RedactingFormatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    logging.basicConfig(level=level, handlers=[handler], force=True)
    for noisy in ("alembic", "twilio.http_client", "aiohttp.access", "rq.worker", "flask-limiter", "werkzeug"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            _redact_fields,
            structlog.processors.JSONRenderer(),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
