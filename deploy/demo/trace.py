"""`python -m deploy.demo.trace TRACE`: draws one trace as the services exported it, to the line in the bank's book."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
_NS_PER_MS = 1_000_000

Span = dict[str, Any]


def read(var: Path, trace_id: str) -> list[Span]:
    """The trace's spans from all services' files, and what bank and treasury wrote down under it."""
    found: list[Span] = []
    for file in sorted((var / "traces").glob("*.jsonl")):
        with file.open(encoding="utf-8") as lines:
            found += [span for line in lines if trace_id in line and (span := json.loads(line))["trace_id"] == trace_id]
    return found + list(_at_bank(var / "simulator" / "bank.jsonl", trace_id))


def _at_bank(book: Path, trace_id: str) -> Iterator[Span]:
    """Rows of the bank's book as spans without length. Business time stands there, ahead of the spans' real time."""
    if not book.exists():
        return
    with book.open(encoding="utf-8") as lines:
        for line in lines:
            if trace_id not in line:
                continue
            row = json.loads(line)
            _, _, parent_id, _ = row["trace"].split("-")
            yield {
                "span_id": f"bank-{row['no']}",
                "parent_id": parent_id,
                "service": "the bank's book",
                "name": f"no. {row['no']}: {row['amount_fen'] / 100:,.2f} yuan {row['status']}",
                "start_ns": None,
                "end_ns": None,
            }


def draw(spans: list[Span]) -> list[str]:
    """The tree, a line a span: milliseconds since the beginning, how long it took, service and name.

    Spans whose parent nobody exported stand at the left, in the order of time.
    """
    known = {span["span_id"] for span in spans}
    below: dict[str | None, list[Span]] = {}
    for span in spans:
        below.setdefault(span["parent_id"] if span["parent_id"] in known else None, []).append(span)
    begun = min((span["start_ns"] for span in spans if span["start_ns"] is not None), default=0)

    def lines(above: str | None, indent: str) -> Iterator[str]:
        children = sorted(below.get(above, ()), key=lambda span: span["start_ns"] or 0)
        for place, span in enumerate(children):
            is_last = place == len(children) - 1
            branch, beneath = ("", "") if above is None else ("└─ ", "   ") if is_last else ("├─ ", "│  ")
            yield f"{_times(span, begun)}  {indent}{branch}{span['service']}  {span['name']}"
            yield from lines(span["span_id"], indent + beneath)

    return list(lines(None, ""))


def _times(span: Span, begun: int) -> str:
    if span["start_ns"] is None:
        return f"{'':8} {'':7}"
    since, took = span["start_ns"] - begun, span["end_ns"] - span["start_ns"]
    return f"{since / _NS_PER_MS:8,.0f} {took / _NS_PER_MS:7,.1f}"


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m deploy.demo.trace", description=__doc__)
    options.add_argument("trace", nargs="?", help="32 hexadecimal digits; the last demonstration's without")
    options.add_argument("--var", type=Path, default=ROOT / "var")
    chosen = options.parse_args()
    last = chosen.var / "demo.json"
    if chosen.trace is None and not last.exists():
        print("Name a trace: no demonstration has ended here yet.")
        return 1
    trace_id = chosen.trace or json.loads(last.read_text())["trace_id"]
    spans = read(chosen.var, trace_id)
    if not spans:
        print(f"No span of trace {trace_id} under {chosen.var / 'traces'}.")
        return 1
    print(f"trace {trace_id}: {len(spans)} spans\n   at ms    took")
    print("\n".join(draw(spans)))
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
