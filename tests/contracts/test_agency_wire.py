"""The two sides of each agency's interface, written apart, understand each other: what it knows is what is read."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from functools import cache
from typing import Any

import orjson
import pytest
from msgspec.structs import asdict

from contracts.findings import Registration
from contracts.vocabulary import Agency, Reason
from services.adapters.agencies import REGISTRY
from services.adapters.domain.agency import Answered, Invalid, Result, Subject
from simulator.agencies import WIRES
from simulator.family import Person
from simulator.population import Population

AS_OF = datetime(2026, 11, 21, 3, 4, 5, tzinfo=UTC)
HOUSEHOLDS = 3_000
BULK = 200


@cache
def people() -> list[Person]:
    population = Population(5)
    return [member for number in range(HOUSEHOLDS) for member in population.household(number).members]


def exchange(agency: Agency, persons: list[Person], spoil: Any = None) -> tuple[list[Subject], list[Result]]:
    """Question, answer, reading; `spoil` may change the answered document in between."""
    wire, desk = WIRES[agency], REGISTRY[agency]
    subjects = [Subject(f"r{place}", person.name, person.citizen_id) for place, person in enumerate(persons)]
    ask = desk.question(subjects, ["case"] * len(persons), "dibao")
    purpose, rows = wire.read(orjson.loads(ask.body))
    asked = list(map(wire.persons, rows))
    assert purpose == "dibao"
    assert asked == [(subject.ref, subject.name, subject.citizen_id, "case") for subject in subjects]
    entries = [wire.entry(one, person) for one, person in zip(asked, persons, strict=True)]
    document = wire.document(entries, AS_OF)
    if spoil is not None:
        spoil(document)
    return subjects, desk.read(orjson.dumps(document), subjects)


@pytest.mark.parametrize("agency", list(Agency))
def test_what_the_agency_knows_is_what_is_read(agency: Agency) -> None:
    kinds: Counter[type] = Counter()
    empty = 0
    for start in range(0, len(people()), BULK):
        persons = people()[start : start + BULK]
        subjects, results = exchange(agency, persons)
        assert len(results) == len(subjects)
        for result, person in zip(results, persons, strict=True):
            assert isinstance(result, Answered)
            assert result.as_of == AS_OF
            assert Counter(result.records) == Counter(person.facts.get(agency, []))
            kinds.update(type(record) for record in result.records)
            empty += not result.records
    assert min(kinds.values()) > 10
    assert empty > 0 or agency is Agency.PUBLIC_SECURITY


@pytest.mark.parametrize("agency", list(Agency))
def test_somebody_in_no_register_is_answered_and_none(agency: Agency) -> None:
    wire, desk = WIRES[agency], REGISTRY[agency]
    nobody = Subject("r0", "查无此人", "990101196001010019")
    entry = wire.entry((nobody.ref, nobody.name, nobody.citizen_id, "case"), None)
    (result,) = desk.read(orjson.dumps(wire.document([entry], AS_OF)), [nobody])
    assert isinstance(result, Answered)
    if agency is Agency.PUBLIC_SECURITY:
        (found,) = result.records
        assert isinstance(found, Registration)
        assert found.status == "not_found"
    else:
        assert result.records == ()


@pytest.mark.parametrize("agency", list(Agency))
def test_two_hundred_fields_nobody_asked_for_leave_no_trace(agency: Agency) -> None:
    canary = "CANARY-7F3A"

    def stuff(part: Any) -> None:
        if isinstance(part, dict):
            for inner in list(part.values()):
                stuff(inner)
            part.update({f"extra{number}": [canary, {"more": canary}] for number in range(200)})
        elif isinstance(part, list):
            for inner in part:
                stuff(inner)

    persons = people()[:30]
    plain, stuffed = exchange(agency, persons)[1], exchange(agency, persons, stuff)[1]
    assert stuffed == plain
    for result in stuffed:
        assert isinstance(result, Answered)
        assert canary not in repr([asdict(record) for record in result.records])


@pytest.mark.parametrize("agency", list(Agency))
def test_answers_about_strangers_are_not_kept(agency: Agency) -> None:
    persons = people()[:6]
    wire, desk = WIRES[agency], REGISTRY[agency]
    subjects, _ = exchange(agency, persons)
    entries = [wire.entry((s.ref, s.name, s.citizen_id, "case"), p) for s, p in zip(subjects, persons, strict=True)]
    raw = orjson.dumps(wire.document(entries, AS_OF))
    results = desk.read(raw, subjects[:2])
    assert len(results) == 2
    missing = desk.read(raw, [*subjects[:2], Subject("r9", "张三", "990101196001010019")])
    assert missing.pop() == Invalid(Reason.MALFORMED)
    assert missing == results


@pytest.mark.parametrize("agency", list(Agency))
def test_answers_in_another_order_are_the_same(agency: Agency) -> None:
    persons = people()[:40]
    list_name = _entries_of(WIRES[agency].document([{"here": True}], AS_OF))
    plain = exchange(agency, persons)[1]
    assert exchange(agency, persons, lambda document: list_name(document).reverse())[1] == plain


def _entries_of(document: dict[str, Any]) -> Any:
    """How to reach the list of entries in this agency's document."""
    for name, value in document.items():
        if value == [{"here": True}]:
            return lambda found: found[name]
        if isinstance(value, dict) and [{"here": True}] in value.values():
            inner = next(key for key, nested in value.items() if nested == [{"here": True}])
            return lambda found: found[name][inner]
    raise AssertionError("no list of entries")
