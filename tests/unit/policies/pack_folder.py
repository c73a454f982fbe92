"""A private copy of the real packs that a test may spoil."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from policies.load import load_packs
from policies.problems import PolicyRefused, Problem

POLICIES = Path(__file__).resolve().parents[3] / "policies"


class PackFolder:
    """Packs and calendars in a folder of their own."""

    def __init__(self, path: Path) -> None:
        self.path = path
        (path / "calendar").mkdir()
        for file in [*POLICIES.glob("*.yaml"), *POLICIES.glob("calendar/*.yaml")]:
            (path / file.relative_to(POLICIES)).write_bytes(file.read_bytes())

    def edit(self, file: str, change: Callable[[Any], None]) -> None:
        """Parse the file, let the test change the data in place, write it back."""
        written = yaml.safe_load((self.path / file).read_text(encoding="utf-8"))
        change(written)
        (self.path / file).write_text(yaml.safe_dump(written, allow_unicode=True, sort_keys=False), encoding="utf-8")

    def set(self, file: str, key: str, entries: object, *, region: int = 0) -> None:
        """Write the entries of one dotted key of one region."""
        part, name = key.split(".")

        def change(pack: Any) -> None:
            pack["regions"][region]["values"].setdefault(part, {})[name] = entries

        self.edit(file, change)

    def problems(self) -> tuple[Problem, ...]:
        """What loading refuses; fails the test when nothing is refused."""
        with pytest.raises(PolicyRefused) as refused:
            load_packs(self.path)
        for problem in refused.value.problems:
            assert str(problem) in str(refused.value)
        return refused.value.problems
