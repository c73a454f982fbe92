"""Each control finds in the product what it patches: a name that has gone would leave it without a program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.chaos.controls import CONTROLS, programs_of
from tests.chaos.controls.aims import AIMS

ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize("control", CONTROLS)
def test_a_control_is_the_service_with_its_patch_in_place(control: str) -> None:
    service, program = next(iter(programs_of(control).items()))
    done = subprocess.run([sys.executable, *program, "--table"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == service


def test_every_control_has_faults_aimed_at_it() -> None:
    assert [aim.control for aim in AIMS] == list(CONTROLS)
