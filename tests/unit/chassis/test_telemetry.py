"""Traces are carried on as they came, whatever else their flags say."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from chassis import telemetry
from chassis.telemetry import BatchSpans, child_trace, is_sampled, remote

IDS = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331"
SAMPLED, QUIET = f"00-{IDS}-01", f"00-{IDS}-00"


@pytest.fixture
def spans(monkeypatch: pytest.MonkeyPatch) -> InMemorySpanExporter:
    exporter, provider = InMemorySpanExporter(), TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(telemetry, "_TRACER", provider.get_tracer("test"))
    return exporter


@pytest.mark.parametrize(
    ("flags", "sampled"), [("00", False), ("01", True), ("02", False), ("03", True), ("10", False), ("ff", True)]
)
def test_only_the_lowest_flag_says_whether_a_trace_is_recorded(flags: str, sampled: bool) -> None:
    assert is_sampled(f"00-{IDS}-{flags}") is sampled


@pytest.mark.parametrize(
    "parent",
    [
        "",
        "1",
        f"01-{IDS}-01",
        f"00-{IDS}-+1",
        f"00-{IDS}-01\n",
        f"00-{IDS.upper()}-01",
        f"00-{'0' * 32}-b7ad6b7169203331-01",
        f"00-{IDS.replace('-', '_')}-01",
    ],
)
def test_what_is_no_traceparent_continues_nothing(parent: str) -> None:
    assert remote(parent) is None


def test_a_sampled_trace_gets_a_child_and_a_quiet_one_goes_on_unchanged(spans: InMemorySpanExporter) -> None:
    child = child_trace("say note.written", SAMPLED)

    assert child_trace("say note.written", QUIET) == QUIET
    assert child_trace("say note.written", "") == ""
    assert child.split("-")[1] == SAMPLED.split("-")[1]
    assert child.split("-")[2] != SAMPLED.split("-")[2]
    assert is_sampled(child)
    assert [span.name for span in spans.get_finished_spans()] == ["say note.written"]


def test_a_batch_has_a_span_in_each_sampled_trace_and_none_in_the_others(spans: InMemorySpanExporter) -> None:
    batch = BatchSpans("hear payments.roster", [("app_1", SAMPLED), ("app_2", QUIET), ("app_3", "")])
    batch.end()

    finished = spans.get_finished_spans()
    assert len(finished) == 1
    assert f"{finished[0].context.trace_id:032x}" == SAMPLED.split("-")[1]
    assert batch.traces["app_2"] == QUIET
    assert batch.traces["app_3"] == ""
    assert batch.traces["app_1"].split("-")[2] == f"{finished[0].context.span_id:016x}"


def test_each_event_of_a_batch_is_named_after_its_own_topic(spans: InMemorySpanExporter) -> None:
    BatchSpans(["hear intake.application", "hear adapters.answer"], [("app_1", SAMPLED), ("app_2", SAMPLED)]).end()
    assert [span.name for span in spans.get_finished_spans()] == ["hear intake.application", "hear adapters.answer"]
