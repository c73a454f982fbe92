"""Each kind of change that would break a reader is seen; each that would not is let through."""

from __future__ import annotations

import json
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar

import pytest
from msgspec import Meta

from contracts.events.event import Event, Part
from deploy.publishing.compatibility import breaks
from deploy.publishing.documents import incompatible, stale, write
from deploy.publishing.schemas import event_schema, file_name


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Cat(Part, frozen=True, kw_only=True, tag_field="kind", tag="cat"):
    lives: int


class Dog(Part, frozen=True, kw_only=True, tag_field="kind", tag="dog"):
    tail: str


class Secret(Part, frozen=True, kw_only=True):
    word: str


class Said(Event, frozen=True, kw_only=True):
    """Something was said."""

    name: ClassVar[str] = "thing.said"
    topic: ClassVar[str] = "intake.thing"

    text: Annotated[str, Meta(max_length=20)]
    count: int | None
    colour: Colour
    colours: list[Colour]
    pets: list[Cat | Dog]
    notes: dict[str, str] = {}
    private: Secret


class Tree(Part, frozen=True, kw_only=True):
    branches: list[Tree] = []


class Grown(Event, frozen=True, kw_only=True):
    """A tree grew."""

    name: ClassVar[str] = "tree.grown"
    topic: ClassVar[str] = "intake.tree"

    tree: Tree


OLD = event_schema(Said)

Change = Callable[[dict[str, Any]], None]


def changed(change: Change) -> list[str]:
    new = json.loads(json.dumps(OLD))
    change(new)
    return breaks(OLD, new)


def _rename(schema: dict[str, Any]) -> None:
    schema["properties"]["words"] = schema["properties"].pop("text")


def _pet(schema: dict[str, Any]) -> dict[str, Any]:
    pet: dict[str, Any] = schema["properties"]["pets"]["items"]
    return pet


def _numbers_as_notes(schema: dict[str, Any]) -> None:
    schema["properties"]["notes"]["additionalProperties"] = {"type": "integer"}


def _optional(schema: dict[str, Any]) -> None:
    schema["properties"]["text"] = {"anyOf": [{"type": "string", "maxLength": 20}, {"type": "null"}]}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (lambda schema: schema["properties"].pop("text"), "/text: removed"),
        (_rename, "/text: removed"),
        (lambda schema: schema["properties"]["text"].update(type="integer"), "/text: type string became integer"),
        (lambda schema: schema["required"].append("notes"), "/notes: newly required"),
        (lambda schema: schema["$defs"]["Colour"]["enum"].remove("blue"), "/colour: 'blue' is no longer allowed"),
        (lambda schema: schema["properties"]["text"].update(enum=["a"]), "/text: only certain values are allowed now"),
        (lambda schema: schema["properties"]["text"].update(maxLength=19), "/text: maxLength is narrower"),
        (lambda schema: schema["properties"]["text"].update(minLength=1), "/text: minLength is narrower"),
        (lambda schema: schema["properties"]["text"].update(pattern="^a"), "/text: pattern changed"),
        (lambda schema: schema["properties"]["count"]["anyOf"].pop(), "/count: null is no longer allowed"),
        (lambda schema: _pet(schema)["anyOf"].pop(), "/pets/items: kind=dog is no longer allowed"),
        (lambda schema: schema["$defs"]["Cat"]["properties"].pop("lives"), "/pets/items/lives: removed"),
        (lambda schema: schema["$defs"]["Secret"]["properties"].pop("word"), "/private/x-sealed/word: removed"),
        (lambda schema: schema["properties"]["private"].pop("x-sealed"), "/private: x-sealed appeared or vanished"),
        (_numbers_as_notes, "/notes/additionalProperties: type string became integer"),
        (lambda schema: schema.update({"x-topic": "intake.other"}), "the topic changed"),
    ],
)  # fmt: skip
def test_a_change_that_breaks_a_reader_is_told_with_its_place(change: Change, told: str) -> None:
    assert told in changed(change)


@pytest.mark.parametrize(
    "change",
    [
        lambda schema: None,
        lambda schema: schema["properties"].update(more={"type": "string"}),
        lambda schema: schema["$defs"]["Colour"]["enum"].append("green"),
        lambda schema: schema["properties"]["text"].update(maxLength=40),
        lambda schema: schema["properties"]["text"].pop("maxLength"),
        lambda schema: schema["properties"]["text"].update(description="Other words", title="Other"),
        _optional,
    ],
    ids=["nothing", "a further field", "a further value", "a wider bound", "no bound", "other words", "may be absent"],
)
def test_a_change_that_breaks_nobody_passes(change: Change) -> None:
    assert changed(change) == []


def test_a_schema_that_holds_itself_ends() -> None:
    grown = event_schema(Grown)
    assert breaks(grown, grown) == []


def test_a_version_is_refused_in_place_and_taken_under_a_new_number(tmp_path: Path) -> None:
    first = {f"events/{file_name(Said)}": json.dumps(OLD)}
    write(first, tmp_path)
    assert (incompatible(first, tmp_path), stale(first, tmp_path)) == ([], [])

    without = json.loads(json.dumps(OLD))
    del without["properties"]["text"]
    in_place = {"events/thing.said.v1.json": json.dumps(without)}
    assert incompatible(in_place, tmp_path) == ["events/thing.said.v1.json: /text: removed"]

    as_next = {"events/thing.said.v2.json": json.dumps(without)}
    assert incompatible(as_next, tmp_path) == []
    write(as_next, tmp_path)
    assert stale(as_next, tmp_path) == []
    assert (tmp_path / "events/thing.said.v1.json").exists(), "old events are still in the topics"

    assert incompatible({}, tmp_path) == [
        "events/thing.said.v1.json: nobody says this event any more",
        "events/thing.said.v2.json: nobody says this event any more",
    ]
