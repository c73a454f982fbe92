"""JSON lines on standard output; a last net masks anything shaped like a resident id, card or phone number."""

from __future__ import annotations

import logging
import re
import sys
import time
from collections.abc import Mapping
from typing import Any

import orjson
import structlog

_NUMBERS = re.compile(r"(?<![0-9A-Za-z])[0-9]{11,19}[0-9Xx]?(?![0-9A-Za-z])")
_SMALLEST_NUMBER = 10**10
_INVISIBLE = dict.fromkeys((0x061C, 0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
"""Marks that turn the direction of text: a log line must read as it was written."""
_NOISY = ("aiokafka", "httpx", "httpcore", "alembic", "asyncio", "uvicorn.access")
_REPEAT_S = 5.0
_MOST_MESSAGES = 1_000


def mask(value: Any) -> Any:
    """The value as it may stand in a log: whatever its shape, no long number whole, of an exception only its class."""
    if value is None or isinstance(value, bool | float):
        return value
    if isinstance(value, int):
        return value if abs(value) < _SMALLEST_NUMBER else mask(str(value))
    if isinstance(value, Mapping):
        return {mask(str(key)): mask(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [mask(inner) for inner in value]
    if isinstance(value, BaseException):
        return type(value).__name__
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return _NUMBERS.sub(lambda found: found[0][:3] + "***" + found[0][-2:], text.translate(_INVISIBLE))


def _masked(_logger: Any, _method: str, event: Any) -> Any:
    return mask(event)


class _Rarely(logging.Filter):
    """Lets the same message of a chatty library, or of any logger beneath it, through once every few seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[tuple[str, str], float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        if not record.name.startswith(_NOISY):
            return True
        now, seen = time.monotonic(), (record.name, str(record.msg))
        if now - self._last.get(seen, -_REPEAT_S) < _REPEAT_S:
            return False
        if len(self._last) >= _MOST_MESSAGES:
            self._last.clear()
        self._last[seen] = now
        return True


class _Json(logging.Formatter):
    """Library log records in the same shape as ours. Tracebacks keep file and line, never the exception's text."""

    def format(self, record: logging.LogRecord) -> str:
        message = record.getMessage()
        if record.name == "asyncio":
            message = message.partition("\n")[0]  # the lines beneath show the task with its exception's text
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": mask(message),
        }
        if record.exc_info and record.exc_info[0] is not None:
            line["error"] = record.exc_info[0].__name__
            line["where"] = where(record.exc_info[1])
        return orjson.dumps(line).decode()


def where(error: BaseException | None) -> list[str]:
    """The places an error passed through, innermost last, without any value."""
    places: list[str] = []
    step = error.__traceback__ if error else None
    while step is not None:
        code = step.tb_frame.f_code
        places.append(f"{code.co_filename.rsplit('/site-packages/', 1)[-1]}:{step.tb_lineno} {code.co_name}")
        step = step.tb_next
    return places[-12:]


def start_logging(service: str) -> None:
    """Send structlog and the standard library's loggers to standard output as JSON."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_Json())
    handler.addFilter(_Rarely())
    logging.raiseExceptions = False  # a record that cannot be written would be shown on standard error with its values
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.INFO)
    for name in _NOISY:
        logging.getLogger(name).setLevel(logging.WARNING)
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _masked,
            structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event).decode()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
