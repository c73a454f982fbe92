"""Set-up takes the quickest Python at hand, and never one that cannot carry the services."""

import json
import sys
from pathlib import Path

import pytest

from deploy.local import interpreter


def an_interpreter(folder: Path, answer: str, name: str = "python3.12") -> None:
    """A program under an interpreter's name that answers what the real one would print."""
    folder.mkdir(exist_ok=True)
    program = folder / name
    program.write_text(f"#!/bin/sh\n{answer}\n")
    program.chmod(0o755)


def says(path: str, round_ms: float) -> str:
    return f"echo '{json.dumps([path, '3.12.9', True, round_ms])}'"


def test_a_clearly_quicker_one_is_taken(tmp_path: Path) -> None:
    an_interpreter(tmp_path / "a", says("/a/python3.12", 0.002))
    an_interpreter(tmp_path / "b", says("/b/python3.12", 0.001))
    assert interpreter.quickest([str(tmp_path / "a"), str(tmp_path / "b")]).path == "/b/python3.12"


def test_one_that_is_hardly_quicker_is_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "_round_ms", lambda: 1.0)
    an_interpreter(tmp_path, says("/a/python3.12", 0.9))
    assert interpreter.quickest([str(tmp_path)]).path == sys.executable


@pytest.mark.parametrize("answer", ["exit 1", "echo nothing", "echo '[1]'", "echo '{}'"])
def test_one_that_cannot_be_used_is_passed_over(tmp_path: Path, answer: str) -> None:
    an_interpreter(tmp_path, answer)
    assert interpreter.quickest([str(tmp_path), str(tmp_path / "absent")]).path == sys.executable


def test_any_that_has_venv_is_better_than_one_that_has_not(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    bare = interpreter.Interpreter(sys.executable, "3.11.0", False, 1.0)
    monkeypatch.setattr(interpreter, "this_python", lambda: bare)
    an_interpreter(tmp_path, says("/a/python3.12", 5.0))
    assert interpreter.quickest([str(tmp_path)]).path == "/a/python3.12"
    assert interpreter.quickest([]) is bare


def test_an_interpreter_is_asked_in_each_turn_once_however_many_names_it_has(tmp_path: Path) -> None:
    an_interpreter(tmp_path, f"echo asked >> '{tmp_path}/asked'; {says('/a/python3.12', 0.001)}")
    (tmp_path / "python3").symlink_to("python3.12")
    interpreter.quickest([str(tmp_path), str(tmp_path)])
    assert (tmp_path / "asked").read_text().split() == ["asked"] * interpreter._TURNS


def test_each_is_taken_at_its_best(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(interpreter, "_round_ms", lambda: 1.0)
    slow, quick = says("/a/python3.12", 5.0), says("/a/python3.12", 0.5)
    an_interpreter(tmp_path, f"if [ -e '{tmp_path}/once' ]; then {slow}; else touch '{tmp_path}/once'; {quick}; fi")
    assert interpreter.quickest([str(tmp_path)]).path == "/a/python3.12"
