"""A trace is drawn as it was exported, down to the line in the bank's book."""

from __future__ import annotations

import json
from pathlib import Path

from deploy.demo import trace

TRACE = "ab" * 16
OTHER = "cd" * 16


def _span(span_id: str, parent_id: str | None, service: str, name: str, at_ms: int, trace_id: str = TRACE) -> str:
    start_ns = (1_000_000 + at_ms) * 1_000_000
    return json.dumps(
        {
            "trace_id": trace_id,
            "span_id": span_id,
            "parent_id": parent_id,
            "service": service,
            "name": name,
            "start_ns": start_ns,
            "end_ns": start_ns + 5_000_000,
        }
    )


def _row(number: int, trace_id: str, span_id: str) -> str:
    told = {"no": number, "amount_fen": 49_100, "status": "paid"}
    return json.dumps(told | {"trace": f"00-{trace_id}-{span_id}-01"})


def test_the_way_from_the_post_to_the_bank(tmp_path: Path) -> None:
    (tmp_path / "traces").mkdir()
    (tmp_path / "simulator").mkdir()
    (tmp_path / "traces" / "intake.jsonl").write_text(
        _span("1", "far", "intake", "POST", 0) + "\n" + _span("9", None, "intake", "else", 0, OTHER) + "\n"
    )
    (tmp_path / "traces" / "payments.jsonl").write_text(
        _span("3", "2", "payments", "instruct bank", 40) + "\n" + _span("2", "1", "payments", "hear", 30) + "\n"
    )
    (tmp_path / "simulator" / "bank.jsonl").write_text(_row(6, OTHER, "3") + "\n" + _row(7, TRACE, "3") + "\n")

    lines = [line[18:] for line in trace.draw(trace.read(tmp_path, TRACE))]

    assert lines == [
        "intake  POST",
        "└─ payments  hear",
        "   └─ payments  instruct bank",
        "      └─ the bank's book  no. 7: 491.00 yuan paid",
    ]


def test_times_count_from_the_first_span(tmp_path: Path) -> None:
    (tmp_path / "traces").mkdir()
    spans = [_span("1", None, "intake", "POST", 0), _span("2", "1", "approval", "hear", 1_234)]
    (tmp_path / "traces" / "all.jsonl").write_text("\n".join(spans))
    assert [line[:17].split() for line in trace.draw(trace.read(tmp_path, TRACE))] == [["0", "5.0"], ["1,234", "5.0"]]
