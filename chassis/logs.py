"""JSON lines on standard output; a last net masks anything shaped like a resident id, card or phone number."""

from __future__ import annotations

import logging
import re
import sys
import time
from typing import Any

import orjson
import structlog

_NUMBERS = re.compile(r"(?<![0-9A-Za-z])[0-9]{11,19}[0-9Xx]?(?![0-9A-Za-z])")
_NOISY = ("aiokafka", "httpx", "httpcore", "alembic", "asyncio", "uvicorn.access")
_REPEAT_S = 5.0


def _mask(value: Any) -> Any:
    if isinstance(value, str):
        return _NUMBERS.sub(lambda found: found[0][:3] + "***" + found[0][-2:], value)
    if isinstance(value, dict):
        return {key: _mask(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_mask(inner) for inner in value]
    return value


def _masked(_logger: Any, _method: str, event: Any) -> Any:
    return _mask(event)


class _Rarely(logging.Filter):
    """Lets the same message of a chatty library through once every few seconds."""

    def __init__(self) -> None:
        super().__init__()
        self._last: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        now, seen = time.monotonic(), str(record.msg)
        if now - self._last.get(seen, -_REPEAT_S) < _REPEAT_S:
            return False
        self._last[seen] = now
        return True


class _Json(logging.Formatter):
    """Library log records in the same shape as ours. Tracebacks keep file and line, never the exception's text."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record, "%Y-%m-%dT%H:%M:%S"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": _mask(record.getMessage()),
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
    logging.root.handlers[:] = [handler]
    logging.root.setLevel(logging.INFO)
    for name in _NOISY:
        logger = logging.getLogger(name)
        logger.setLevel(logging.WARNING)
        logger.addFilter(_Rarely())
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            _masked,
            structlog.processors.JSONRenderer(serializer=lambda event, **_: orjson.dumps(event, default=str).decode()),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(logging.INFO),
        logger_factory=structlog.WriteLoggerFactory(file=sys.stdout),
        cache_logger_on_first_use=True,
    )
    structlog.contextvars.bind_contextvars(service=service)
