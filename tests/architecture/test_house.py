"""The shape of the house: rooms, sizes, words, and calls that belong nowhere."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.events import CATALOGUE
from deploy.map import read_map

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = ("contracts", "policies", "chassis", "services", "simulator", "deploy")
SERVICES = ("intake", "verification", "adapters", "approval", "payments")
CHASSIS_LINES_MAX = 300
FILE_LINES_MAX = 400
BANNED_NAMES = {"utils", "helpers", "common", "base", "manager", "processor", "impl", "misc", "shared", "lib"}


def sources(*packages: str) -> Iterator[Path]:
    for package in packages:
        yield from (file for file in (ROOT / package).rglob("*.py"))


def calls(file: Path) -> Iterator[tuple[int, str]]:
    """Every call in the file as `(line, dotted name)`."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call):
            yield node.lineno, ast.unparse(node.func)


@pytest.mark.parametrize("service", SERVICES)
def test_every_service_opens_with_its_card(service: str) -> None:
    card = ast.get_docstring(ast.parse((ROOT / f"services/{service}/__init__.py").read_text(encoding="utf-8"))) or ""
    assert [word for word in ("Owns", "Hears", "Says", "Promises") if word not in card] == []


def test_no_file_grows_past_its_bound() -> None:
    sizes = {file: len(file.read_text(encoding="utf-8").splitlines()) for file in sources(*PRODUCT)}
    bounds = {file: CHASSIS_LINES_MAX if file.is_relative_to(ROOT / "chassis") else FILE_LINES_MAX for file in sizes}
    assert [f"{file.relative_to(ROOT)}: {lines}" for file, lines in sizes.items() if lines > bounds[file]] == []


def test_no_drawer_without_a_subject() -> None:
    assert [file for file in sources(*PRODUCT, "tests") if file.stem in BANNED_NAMES] == []


def test_events_and_topics_use_the_words_of_the_glossary() -> None:
    rows = re.findall(
        r"^\| [^|]+ \| ([a-z -]+) \|", (ROOT / "docs/glossary.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    words = set(rows)
    nouns = {event.name.split(".")[0] for events in CATALOGUE.values() for event in events}
    nouns |= {topic.split(".")[1] for topic in read_map().topics}
    assert sorted(nouns - words) == []


@pytest.mark.parametrize(
    ("name", "packages", "allowed"),
    [
        # Business time is the chassis clock's; a use case that asked the machine could not be replayed.
        (r"datetime\.(now|utcnow|today)|date\.today", ("services", "policies", "contracts"), ()),
        # A service speaks through its log; what is printed is lost, or leaks.
        (
            r"print",
            ("services", "policies", "contracts", "chassis"),
            ("chassis/migrating.py", "chassis/run.py", "contracts/publish.py"),
        ),
        # The transaction's edge is the door's; a commit inside splits rows from what was said.
        (r".*\.commit", ("services",), ()),
        # Waiting by guess hides races; tests wait for facts.
        (r"time\.sleep|asyncio\.sleep", ("services",), ()),
        (r"(mock\.)?(patch|MagicMock)(\..*)?", ("tests",), ()),
        # Money is whole fen; a float near it loses some.
        (r"float", ("services", "policies"), ()),
    ],
)
def test_calls_that_belong_nowhere(name: str, packages: tuple[str, ...], allowed: tuple[str, ...]) -> None:
    found = [
        f"{file.relative_to(ROOT)}:{line} {called}"
        for file in sources(*packages)
        if str(file.relative_to(ROOT)) not in allowed
        for line, called in calls(file)
        if re.fullmatch(name, called)
    ]
    assert found == []


def test_lists_of_requirements_carry_no_address() -> None:
    addressed = re.compile(r"https?://|index-url|find-links")
    assert [file.name for file in (ROOT / "requirements").iterdir() if addressed.search(file.read_text())] == []


def test_identities_in_tests_and_simulator_stay_under_prefix_99() -> None:
    """A well-formed resident id in the tree must begin with 99, or be one of the standard's own examples."""
    from contracts.values import check_sign

    examples = {"11010519491231002X", "440524188001010014"}
    shape = re.compile(r"(?<![0-9])([0-9]{17})([0-9X])(?![0-9])")
    foreign = [
        f"{file.relative_to(ROOT)}"
        for file in sources(*PRODUCT, "tests", "docs")
        for first, last in shape.findall(file.read_text(encoding="utf-8"))
        if check_sign(first) == last and not first.startswith("99") and first + last not in examples
    ]
    assert foreign == []
