"""When set-up cannot go on, it says which step failed, why, and what to do."""

import importlib.util
import sys
from pathlib import Path

import pytest

from deploy.local import bootstrap
from deploy.local.bootstrap import SetupFailed


def test_an_old_python_is_told_the_version_it_needs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "version_info", (3, 9, 2, "final", 0))
    with pytest.raises(SetupFailed, match=r"this is Python 3\.9\.2, Hedui needs 3\.11(?s:.)*What to do"):
        bootstrap.check_machine()


def test_a_missing_venv_module_is_named_with_its_package(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "ensurepip" else found(name))
    with pytest.raises(SetupFailed, match=r"virtual environment(?s:.)*apt-get install python3\.\d+-venv"):
        bootstrap.make_venv(tmp_path / "venv")
    assert not (tmp_path / "venv").exists()


def test_a_half_made_environment_is_made_again(tmp_path: Path) -> None:
    venv = tmp_path / "有 空格"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (venv / "bin" / "python").chmod(0o755)
    bootstrap.make_venv(venv)
    assert bootstrap.works([venv / "bin" / "python", "-m", "pip", "--version"])
    made = (venv / "pyvenv.cfg").stat().st_mtime_ns
    bootstrap.make_venv(venv)
    assert (venv / "pyvenv.cfg").stat().st_mtime_ns == made


def test_uv_is_told_what_pip_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "http://mirror.invalid/simple")
    monkeypatch.delenv("UV_DEFAULT_INDEX", raising=False)
    environment = bootstrap.installer_environment()
    assert environment["UV_DEFAULT_INDEX"] == "http://mirror.invalid/simple"
    assert environment["UV_PYTHON_DOWNLOADS"] == "never"


def test_the_lists_pin_by_hash_and_name_no_address() -> None:
    for path in (bootstrap.ROOT / "requirements").glob("*.txt"):
        text = path.read_text(encoding="utf-8")
        assert "--hash=sha256:" in text
        assert "://" not in text
