"""The command line of the one-machine platform: `python -m deploy.local --help`."""

import argparse
import json
import sys
import time
from pathlib import Path

from deploy.local import clock, screen, setup, status
from deploy.local.jars import JarsUnavailable
from deploy.local.kafka import KafkaFailed
from deploy.local.keeper import SUPERVISOR, StartFailed
from deploy.local.platform import LocalPlatform, UnknownPart
from deploy.local.postgres import PostgresFailed
from deploy.local.tokens import TokenRefused
from deploy.map import MapError

ROOT = Path(__file__).resolve().parents[2]
_EXPECTED = (
    JarsUnavailable,
    KafkaFailed,
    PostgresFailed,
    StartFailed,
    TokenRefused,
    UnknownPart,
    MapError,
    clock.ClockRefused,
    TimeoutError,
)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit code: 0 done, 1 refused or failed with the reason on standard error."""
    chosen = _parser().parse_args(arguments)
    try:
        return int(chosen.run(chosen))
    except _EXPECTED as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m deploy.local", description="Hedui on one machine.")
    parser.add_argument("--var", type=Path, default=ROOT / "var", help="where everything a run makes lies")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, help_text: str, run: object) -> argparse.ArgumentParser:
        made = commands.add_parser(name, help=help_text, description=help_text)
        made.set_defaults(run=run)
        return made

    command("setup", "fetch what a start needs (after the packages are installed)", _setup)
    up = command("up", "start everything and return when it is ready", _up)
    up.add_argument("parts", nargs="*", help="only these parts, such as: postgres kafka")
    command("down", "stop everything this platform started", _down)
    shown = command("status", "what runs, where, and whether it is ready", _status)
    shown.add_argument("--json", action="store_true", help="for programs")
    logs = command("logs", "the end of a process's log", _logs)
    logs.add_argument("service", nargs="?", default="", help="a service, simulator, kafka, postgres, supervisor …")
    logs.add_argument("--lines", type=int, default=100)
    logs.add_argument("--follow", action="store_true", help="go on as the log grows")
    token = command("token", "sign a token for a role in an office, for twelve hours", _token)
    token.add_argument("--role", required=True)
    token.add_argument("--office", required=True, help="a path such as cn/2307/230799/230799001/")
    token.add_argument("--subject", help="who the person is (an opaque name)")
    ticking = command("clock", "the business clock of this platform", _clock_show)
    moves = ticking.add_subparsers(metavar="ACTION")
    moves.add_parser("show", help="business time now").set_defaults(run=_clock_show)
    forward = moves.add_parser("forward", help="move business time forward by whole days")
    forward.add_argument("days", type=int)
    forward.set_defaults(run=_clock_forward)
    return parser


def _setup(chosen: argparse.Namespace) -> int:
    setup.prepare(_platform(chosen).layout, lambda text: print(text, flush=True))
    return 0


def _up(chosen: argparse.Namespace) -> int:
    planned = LocalPlatform(ROOT, chosen.var)
    with screen.starting(chosen.parts or planned.parts) as progress:
        platform = LocalPlatform(ROOT, chosen.var, progress=progress)
        platform.start(chosen.parts or None)
    screen.show_moved(platform)
    return 0


def _down(chosen: argparse.Namespace) -> int:
    platform = _platform(chosen)
    running = platform.processes()
    platform.stop()
    print(f"Stopped {', '.join(name for name in running if name != SUPERVISOR) or 'nothing: nothing ran'}.")
    return 0


def _status(chosen: argparse.Namespace) -> int:
    platform = _platform(chosen)
    if chosen.json:
        print(json.dumps(status.document(platform), ensure_ascii=False, indent=1))
    else:
        screen.show_status(status.rows(platform))
        screen.show_moved(platform)
        print(f"Business time: {clock.now(platform.layout):%Y-%m-%d %H:%M} (Beijing)")
    return 0


def _logs(chosen: argparse.Namespace) -> int:
    layout = _platform(chosen).layout
    known = sorted(path.stem for path in layout.log.glob("*.log"))
    if chosen.service not in known:
        print(f"Which one? SERVICE= one of: {', '.join(known) or '(nothing has run yet)'}", file=sys.stderr)
        return 1
    with layout.log_file(chosen.service).open(encoding="utf-8", errors="replace") as log:
        for line in log.readlines()[-chosen.lines :]:
            print(line, end="")
        while chosen.follow:
            more = log.read()
            print(more, end="", flush=True)
            time.sleep(0 if more else 0.3)
    return 0


def _token(chosen: argparse.Namespace) -> int:
    print(_platform(chosen).token(chosen.role, chosen.office, chosen.subject))
    return 0


def _clock_show(chosen: argparse.Namespace) -> int:
    layout = _platform(chosen).layout
    print(
        f"{clock.now(layout):%Y-%m-%d %H:%M:%S} (Beijing), {clock.offset_s(layout) // 86_400} days ahead of real time"
    )
    return 0


def _clock_forward(chosen: argparse.Namespace) -> int:
    print(f"Business time is now {_platform(chosen).clock_forward(chosen.days):%Y-%m-%d %H:%M} (Beijing)")
    return 0


def _platform(chosen: argparse.Namespace) -> LocalPlatform:
    return LocalPlatform(ROOT, chosen.var)
