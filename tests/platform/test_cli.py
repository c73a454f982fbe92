"""The command line: says what it did, exits with 0 only when it did it, and names the way out when it did not."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local.cli import main
from deploy.map import read_map

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def var(tmp_path: Path) -> Iterator[list[str]]:
    """The arguments that give the command a platform of its own, stopped in the end."""
    place = ["--var", str(tmp_path / "核对 var")]
    yield place
    assert main([*place, "down"]) == 0


def test_up_status_and_down_of_one_part(var: list[str], capsys: Capture) -> None:
    assert main([*var, "up", "postgres"]) == 0
    assert "ready" in capsys.readouterr().out
    assert main([*var, "status", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    states = {row["name"]: row["state"] for row in shown["processes"]}
    assert states["supervisor"] == states["postgres"] == "ready"
    assert {state for name, state in states.items() if name not in ("supervisor", "postgres")} == {"down"}
    assert shown["topics"]["intake.application"] == read_map().topics["intake.application"].partitions
    assert main([*var, "logs", "postgres", "--lines", "5"]) == 0
    assert "database system is ready" in capsys.readouterr().out
    assert main([*var, "down"]) == 0
    assert "Stopped postgres" in capsys.readouterr().out


def test_status_of_nothing_is_a_table_of_what_could_run(var: list[str], capsys: Capture) -> None:
    assert main([*var, "status"]) == 0
    shown = capsys.readouterr().out
    assert all(name in shown for name in ("postgres", "kafka", "simulator", "verification"))
    assert "Business time" in shown


def test_a_token_is_printed_alone_on_its_line(var: list[str], capsys: Capture) -> None:
    assert main([*var, "token", "--role", "auditor", "--office", "cn/2307/"]) == 0
    printed = capsys.readouterr().out
    assert printed.count(".") == 2
    assert printed.count("\n") == 1


@pytest.mark.parametrize(
    ("command", "reason"),
    [
        (["token", "--role", "emperor", "--office", "cn/"], "Known roles"),
        (["token", "--role", "auditor", "--office", "cn"], "ends with a slash"),
        (["logs", "nobody"], "SERVICE="),
        (["clock", "forward", "0"], "only goes forward"),
        (["clock", "forward", "-3"], "only goes forward"),
        (["up", "everything"], "known: postgres"),
    ],
)
def test_a_refusal_names_the_way_out(var: list[str], capsys: Capture, command: list[str], reason: str) -> None:
    assert main([*var, *command]) == 1
    assert reason in capsys.readouterr().err


def test_the_clock_moves_and_stays_moved(var: list[str], capsys: Capture) -> None:
    assert main([*var, "clock", "forward", "30"]) == 0
    assert main([*var, "clock", "show"]) == 0
    assert "30 days ahead" in capsys.readouterr().out
