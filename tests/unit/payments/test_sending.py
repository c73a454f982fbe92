"""Speaking to treasury and bank shows in each household's trace, and the bank's line carries on from that call."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import telemetry
from chassis.http import Unanswered
from chassis.shelf import Shelf
from contracts.values import AccountNumber, CitizenId, PersonName, check_sign
from contracts.vocabulary import Aid
from services.payments.domain.entitlement import Payee
from services.payments.domain.payment import Bank, Claimed, Treasury
from services.payments.domain.words import Paid, Unknown
from services.payments.usecases.sending import pay

NOW = datetime(2027, 1, 1, 2, 0, tzinfo=UTC)
FIRST, SECOND = f"00-{'1' * 32}-{'a' * 16}-01", f"00-{'2' * 32}-{'b' * 16}-01"


class Peer:
    """Does everything it is told, and keeps what it was told; or drops the answer."""

    def __init__(self, key: str, is_silent: bool = False) -> None:
        self.told: list[dict[str, Any]] = []
        self._key = key
        self._is_silent = is_silent

    async def post(self, path: str, body: bytes) -> bytes:
        (said,) = [value for value in orjson.loads(body).values() if isinstance(value, list)]
        self.told += said
        if self._is_silent:
            raise Unanswered("late")
        now = NOW.isoformat()
        done = (
            {"status": "paid", "reason": "", "ref": "B1", "at": now} if self._key == "id" else {"status": "allocated"}
        )
        return orjson.dumps({"as_of": now, "results": [done | {self._key: one[self._key]} for one in said]})

    async def aclose(self) -> None:
        """Nothing to close."""


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_TRACER", provider.get_tracer("test"))
    return exporter


def _claimed(number: int, trace: str) -> Claimed:
    first_17 = f"9901011980010100{number}"
    holder = CitizenId.parse(first_17 + check_sign(first_17))
    return Claimed(
        instruction_id=f"ins_{number}",
        line_id=f"line_{number}",
        roster_id="ros",
        application_id=f"app_{number}",
        office="cn/2307/230799/",
        month="2027-01",
        payer="230799",
        purpose=Aid.DIBAO,
        number=1,
        amount_fen=1_000,
        payee=Payee(f"mem_{number}", PersonName("甲"), holder, AccountNumber("9900000000000000002")),
        fence=1,
        must_ask=False,
        sendings=1,
        is_allocated=False,
        valid_until=NOW + timedelta(seconds=5),
        previous_until=NOW,
        unanswered=0,
        trace=trace,
    )


async def test_each_line_is_followed_to_the_bank_in_its_own_trace(spans: InMemorySpanExporter) -> None:
    bank = Peer("id")
    claimed = [_claimed(1, FIRST), _claimed(2, SECOND), _claimed(3, "")]

    told = await pay(Shelf([Bank(bank), Treasury(Peer("ref"))]), claimed)

    assert all(isinstance(one.word, Paid) for one in told)
    finished = {(span.name, f"{span.context.trace_id:032x}"): span for span in spans.get_finished_spans()}
    assert set(finished) == {
        (name, trace.split("-")[1]) for name in ("allocate treasury", "instruct bank") for trace in (FIRST, SECOND)
    }
    assert [one["trace"] for one in bank.told] == [
        telemetry.traceparent(finished["instruct bank", "1" * 32].context),
        telemetry.traceparent(finished["instruct bank", "2" * 32].context),
        "",
    ]


async def test_a_call_without_an_answer_shows_too(spans: InMemorySpanExporter) -> None:
    (told,) = await pay(Shelf([Bank(Peer("id", is_silent=True)), Treasury(Peer("ref"))]), [_claimed(1, FIRST)])
    assert isinstance(told.word, Unknown)
    assert [span.name for span in spans.get_finished_spans()] == ["allocate treasury", "instruct bank"]
