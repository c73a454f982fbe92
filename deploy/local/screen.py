"""What a person sees: a live table while parts start, a status table, plain lines where there is no terminal."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.live import Live
from rich.table import Table

from deploy.local.platform import LocalPlatform, Progress
from deploy.local.status import Row

_NAMES = {
    "postgres": "PostgreSQL 18",
    "kafka": "Apache Kafka 4.3",
    "topics": "topics, users, access rules",
    "migrations": "migrations",
    "simulator": "simulator (agencies, treasury, bank)",
}
_COLOURS = {"ready": "green", "starting": "yellow", "down": "red", "waiting": "dim"}


@contextmanager
def starting(parts: list[str]) -> Iterator[Progress]:
    """Shows how the parts become ready; yields what to tell each step."""
    begun: dict[str, float] = {}
    states: dict[str, tuple[str, float]] = {}
    console = Console()

    def table() -> Table:
        shown = Table("part", "state", "s", title="核对 Hedui")
        for name in parts:
            state, seconds = states.get(name, ("waiting", 0.0))
            if state == "starting":
                seconds = time.monotonic() - begun[name]
            took = f"{seconds:.1f}" if seconds else ""
            shown.add_row(_NAMES.get(name, name), f"[{_COLOURS[state]}]{state}", took)
        return shown

    def note(name: str, state: str) -> None:
        if state == "starting":
            begun[name] = time.monotonic()
        states[name] = (state, time.monotonic() - begun[name])

    if not console.is_terminal:

        def line(name: str, state: str) -> None:
            note(name, state)
            if state == "ready":
                print(f"ready  {states[name][1]:5.1f} s  {_NAMES.get(name, name)}", flush=True)

        yield line
        return
    with Live(get_renderable=table, console=console, refresh_per_second=8):
        yield note


def show_status(rows: list[Row]) -> None:
    """The status table."""
    shown = Table("process", "state", "pid", "port", "up", "log", title="核对 Hedui")
    for row in rows:
        up = "" if row.seconds is None else f"{row.seconds // 3600}:{row.seconds // 60 % 60:02}:{row.seconds % 60:02}"
        shown.add_row(
            row.name,
            f"[{_COLOURS[row.state]}]{row.state}",
            str(row.pid or ""),
            str(row.port or ""),
            up,
            row.log,
        )
    console = Console() if sys.stdout.isatty() else Console(width=200)
    console.print(shown)


def show_moved(platform: LocalPlatform) -> None:
    """Says which processes could not have the port of the map, and what else is unusual."""
    for name, (wanted, port) in platform.ports.moved().items():
        print(f"Port {wanted} was taken: {name} listens on {port} (remembered in {platform.var / 'ports.json'}).")
    if platform.postgres.note:
        print(platform.postgres.note)
