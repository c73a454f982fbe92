"""Where and how this simulator runs: the site file named by HEDUI_SITE_FILE."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from pathlib import Path

from contracts.vocabulary import Agency


@dataclass(frozen=True, slots=True)
class Site:
    host: str
    port: int
    seed: int | str
    """A number, or a run's id."""
    ledger_dir: Path
    admin_token: str
    clock_file: Path | None
    """Option `clock_file`: the platform's clock, so that answers carry business time."""
    latency_ms: dict[Agency, int]
    """Option `latency_ms`: milliseconds every call of an agency takes; one number for all, or a table by agency."""


def read_site() -> Site:
    """Raise KeyError or ValueError where the file lacks something or says something unknown."""
    raw = json.loads(Path(os.environ["HEDUI_SITE_FILE"]).read_text())
    options = dict(raw.get("options", {}))
    clock_file = options.pop("clock_file", None)
    latency = options.pop("latency_ms", 0)
    if options:
        raise ValueError(f"unknown options of the simulator: {', '.join(sorted(options))}")
    by_agency = latency if isinstance(latency, dict) else dict.fromkeys(Agency, latency)
    return Site(
        host=raw["host"],
        port=raw["port"],
        seed=raw["seed"],
        ledger_dir=Path(raw["ledger_dir"]),
        admin_token=raw["admin_token"],
        clock_file=Path(clock_file) if clock_file else None,
        latency_ms={Agency(agency): int(ms) for agency, ms in by_agency.items() if ms},
    )
