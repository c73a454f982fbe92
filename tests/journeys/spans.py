"""Spans as the services exported them: one trace across processes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

Marks = dict[Path, int]
"""How far each service's file of spans had got."""


def marks(var: Path) -> Marks:
    """Where the files end now."""
    return {file: file.stat().st_size for file in (var / "traces").glob("*.jsonl")}


def of_trace(var: Path, trace_id: str, after: Marks) -> dict[str, dict[str, Any]]:
    """The spans of a trace exported since `after`, by their id; half a line is left out."""
    found: dict[str, dict[str, Any]] = {}
    for file in sorted((var / "traces").glob("*.jsonl")):
        with file.open("rb") as lines:
            lines.seek(after.get(file, 0))
            for line in lines:
                if trace_id.encode() in line and line.endswith(b"\n"):
                    span = json.loads(line)
                    if span["trace_id"] == trace_id:
                        found[span["span_id"]] = span
    return found


def way_up(spans: dict[str, dict[str, Any]], span: dict[str, Any]) -> list[str]:
    """The names from a span up to the one that began it all, each as `service: name`."""
    way = [f"{span['service']}: {span['name']}"]
    while (above := spans.get(span["parent_id"] or "")) is not None:
        span = above
        way.append(f"{span['service']}: {span['name']}")
    return way
