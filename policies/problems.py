"""Collects everything wrong with the policy data, so that one run names it all, each with file, key path and remedy."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeVar

from contracts.vocabulary import Word
from policies.reading import Wrong, named, read_word

_W = TypeVar("_W", bound=Word)


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why the data may not be used."""

    file: str
    path: str
    """Dotted place inside the file, empty for the file as a whole."""
    what: str
    remedy: str

    def __str__(self) -> str:
        place = f"{self.file}: {self.path}" if self.path else self.file
        return f"{place}: {self.what}. Remedy: {self.remedy}."


class PolicyRefused(Exception):
    """The packs or the calendar may not be used; says every reason at once."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = tuple(problems)
        lines = "".join(f"\n  {problem}" for problem in self.problems)
        super().__init__(f"{len(self.problems)} problem(s) in the policy data, nothing is started:{lines}")


@dataclass(slots=True)
class Page:
    """One file being read: its name for the messages and the list its problems go to."""

    file: str
    problems: list[Problem] = field(default_factory=list)

    def refuse(self, path: str, what: str, remedy: str) -> None:
        self.problems.append(Problem(self.file, path, what, remedy))

    def record(
        self, path: str, raw: object, allowed: tuple[str, ...], required: tuple[str, ...]
    ) -> dict[str, object] | None:
        """The mapping when it holds the required keys and no unknown one; otherwise None, with the reasons noted."""
        if not isinstance(raw, dict):
            self.refuse(path, f"expected a mapping, found {named(raw)}", f"write the keys {', '.join(required)}")
            return None
        prefix = f"{path}." if path else ""
        unknown = [key for key in raw if key not in allowed]
        for key in unknown:
            self.refuse(f"{prefix}{key}", "is an unknown key", f"remove it, or write one of: {', '.join(allowed)}")
        missing = [key for key in required if key not in raw]
        for key in missing:
            self.refuse(f"{prefix}{key}", "is missing", "add it")
        return None if missing or unknown else raw

    def mapping(self, path: str, raw: object) -> dict[str, object]:
        """The mapping with text keys; an empty one, with the reason noted, for anything else."""
        if not isinstance(raw, dict):
            self.refuse(path, f"expected a mapping, found {named(raw)}", "write key: value lines beneath it")
            return {}
        return {str(key): value for key, value in raw.items()}

    def items(self, path: str, raw: object) -> list[object]:
        """The list; an empty one, with the reason noted, for anything else."""
        if not isinstance(raw, list):
            self.refuse(path, f"expected a list, found {named(raw)}", "write its entries with a dash each")
            return []
        return raw

    def text(self, path: str, raw: object) -> str:
        """The text; an empty one, with the reason noted, for anything else."""
        if not isinstance(raw, str) or not raw.strip():
            self.refuse(path, f"expected a text, found {named(raw)}", "write it, in quotes where it consists of digits")
            return ""
        return raw

    def optional_text(self, path: str, raw: object) -> str | None:
        return None if raw is None else self.text(path, raw) or None

    def day(self, path: str, raw: object) -> date | None:
        """The calendar day; None, with the reason noted, for anything else."""
        if isinstance(raw, datetime) or not isinstance(raw, date):
            self.refuse(path, f"expected a day, found {named(raw)}", "write it as YYYY-MM-DD without quotes")
            return None
        return raw

    def word(self, path: str, raw: object, words: type[_W]) -> _W | None:
        """The word of a closed vocabulary; None, with the reason noted, for anything else."""
        try:
            return read_word(raw, words)
        except Wrong as wrong:
            self.refuse(path, wrong.what, wrong.remedy)
            return None
