"""The real packs, and a private copy of them that a test may spoil."""

from pathlib import Path

import pytest

from policies.calendar import WorkCalendar
from policies.load import load_calendar, load_packs
from policies.model import Packs
from tests.unit.policies.pack_folder import POLICIES, PackFolder


@pytest.fixture
def folder(tmp_path: Path) -> PackFolder:
    return PackFolder(tmp_path)


@pytest.fixture(scope="session")
def packs() -> Packs:
    return load_packs(POLICIES)


@pytest.fixture(scope="session")
def calendar() -> WorkCalendar:
    return load_calendar(POLICIES)
