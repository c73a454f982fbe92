"""Log lines are JSON, name nobody and do not flood."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import sys
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from chassis import logs

ID, CARD, PHONE = "99000019700101001X", "6222021234567890123", "13800138000"


class Odd:
    def __str__(self) -> str:
        return f"odd {ID}"


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What the process would write, with logging as a service starts it; all is put back afterwards."""
    out = io.StringIO()
    monkeypatch.setattr(sys, "stdout", out)
    handlers, level, raising = logging.root.handlers[:], logging.root.level, logging.raiseExceptions
    structlog.reset_defaults()
    logs.start_logging("payments")
    yield out
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.root.handlers[:], logging.raiseExceptions = handlers, raising
    logging.root.setLevel(level)


def parsed(out: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.mark.parametrize(
    "value",
    [
        f"card {CARD}.",
        f"身份证{ID}号",
        int(CARD),
        PHONE.encode(),
        ValueError(f"{ID} is bad"),
        {"deep": [{"er": (ID, {int(CARD)})}]},
        {ID: 1},
        Odd(),
    ],
)
def test_no_long_number_is_written_whole_in_whatever_it_hides(lines: io.StringIO, value: object) -> None:
    structlog.get_logger("chassis").warning(f"at {PHONE}", value=value)

    assert len(parsed(lines)) == 1
    for number in (ID, CARD, PHONE):
        assert number not in lines.getvalue()
        assert number[2:] not in lines.getvalue()
        assert number[:-1] not in lines.getvalue()


def test_what_is_short_or_opaque_is_written_as_it_is(lines: io.StringIO) -> None:
    structlog.get_logger("chassis").info(
        "ok", rows=66, ratio=0.5, done=True, none=None, case="app_0192f0c1d2e3740a8b7c6d5e4f3a2b1c", day="2026-11-21"
    )

    line = parsed(lines)[0]
    assert (line["rows"], line["ratio"], line["done"], line["none"]) == (66, 0.5, True, None)
    assert (line["case"], line["day"]) == ("app_0192f0c1d2e3740a8b7c6d5e4f3a2b1c", "2026-11-21")
    assert line["service"] == "payments"


def test_exceptions_are_written_as_places_without_their_text(lines: io.StringIO) -> None:
    try:
        raise ValueError(f"张三丰 {ID}")
    except ValueError as failed:
        logging.getLogger("library").exception("failed for %s", ID)
        structlog.get_logger("chassis").error("failed", where=logs.where(failed), error=failed)

    library, own = parsed(lines)
    assert library["error"] == own["error"] == "ValueError"
    assert any("test_exceptions_are_written_as_places" in place for place in library["where"])
    assert "张三丰" not in lines.getvalue()
    assert ID not in lines.getvalue()


async def test_a_task_nobody_awaited_does_not_tell_its_exception(lines: io.StringIO) -> None:
    async def fail() -> None:
        raise ValueError(f"张三丰 {ID}")

    task = asyncio.create_task(fail())
    await asyncio.wait({task})
    del task
    gc.collect()

    assert [line["event"] for line in parsed(lines)] == ["Task exception was never retrieved"]
    assert "张三丰" not in lines.getvalue()


def test_a_record_that_cannot_be_written_is_not_shown_elsewhere(
    lines: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    logging.getLogger("library").warning("%d cases", ID)

    assert ID not in lines.getvalue()
    assert capsys.readouterr().err == ""


def test_a_line_stays_one_line_and_reads_as_written(lines: io.StringIO) -> None:
    structlog.get_logger("chassis").info("a\nb\r\u202e\u2066c", name="\u200fd")

    assert len(lines.getvalue().splitlines()) == 1
    assert parsed(lines)[0]["event"] == "a\nb\rc"
    assert parsed(lines)[0]["name"] == "d"


@pytest.mark.parametrize("name", ["aiokafka", "aiokafka.conn", "aiokafka.consumer.group_coordinator", "asyncio"])
def test_a_chatty_library_says_the_same_once(lines: io.StringIO, name: str) -> None:
    for number in range(60):
        logging.getLogger(name).warning("broker %s is away", number)
    logging.getLogger(name).info("quiet")
    for _ in range(3):
        logging.getLogger("ours").warning("each counts")

    assert [line["event"] for line in parsed(lines)] == ["broker 0 is away", *["each counts"] * 3]
