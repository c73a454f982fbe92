"""Each import rule is broken once in a copy of the tree, and must then be reported broken by its name."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("contracts", "policies", "chassis", "services", "simulator", "deploy")

PLANTED = [
    (
        "Services stand on policies, chassis and contracts, which know no service",
        "contracts/values.py",
        "import services.intake.app",
    ),
    (
        "Contracts and policies do without the chassis, the chassis without contracts",
        "chassis/clock.py",
        "import contracts.values",
    ),
    ("Services never import one another", "services/intake/usecases.py", "import services.payments.app"),
    ("Inside a service, imports point down", "services/intake/domain/helpers.py", "import services.intake.api"),
    ("Inside a service, imports point down", "services/intake/helpers.py", ""),
    ("Doors do not reach into the store", "services/intake/api.py", "import services.intake.store"),
    ("Domain is pure", "services/intake/domain/household.py", "import pydantic"),
    ("Domain is pure", "services/intake/domain/household.py", "import chassis.clock"),
    ("Only the store speaks SQL", "services/intake/usecases.py", "import chassis.sql"),
    ("Only the store speaks SQL", "services/intake/api.py", "import sqlalchemy"),
    ("Only the chassis speaks Kafka and builds HTTP clients", "services/intake/usecases.py", "import aiokafka"),
    ("Only the chassis speaks Kafka and builds HTTP clients", "services/adapters/work.py", "import httpx"),
    ("Only app reads settings", "services/intake/usecases.py", "import services.intake.settings"),
    (
        "Agencies know nothing of each other",
        "services/adapters/agencies/tax.py",
        "import services.adapters.agencies.bank",
    ),
    ("Nothing imports the simulator", "services/adapters/work.py", "import simulator"),
    ("The simulator knows contracts only", "simulator/faults.py", "import chassis.clock"),
    ("No cycles underneath", "chassis/clock.py", "import chassis.transaction"),
]


def lint(tree: Path) -> str:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=tree,
        env={"PYTHONPATH": str(tree), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout + done.stderr


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("tree")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, copy / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", copy)
    return copy


def test_the_house_as_it_stands_breaks_no_rule(tree: Path) -> None:
    assert "0 broken" in lint(tree)


@pytest.mark.parametrize(("rule", "file", "line"), PLANTED, ids=[f"{file}: {line}" for _, file, line in PLANTED])
def test_a_planted_violation_is_reported(tree: Path, rule: str, file: str, line: str) -> None:
    target = tree / file
    before = target.read_text(encoding="utf-8") if target.exists() else None
    target.write_text((before or "") + f"\n{line}\n", encoding="utf-8")
    try:
        assert f"{rule} BROKEN" in lint(tree)
    finally:
        if before is None:
            target.unlink()
        else:
            target.write_text(before, encoding="utf-8")
