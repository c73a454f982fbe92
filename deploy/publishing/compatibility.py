"""Which changes of a published schema break somebody: a listener with old code, or an old event read by new code."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]

_UPPER = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_LOWER = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_EXACT = ("pattern", "format", "contentEncoding", "multipleOf")
_DEEPEST = 60


def breaks(old: Schema, new: Schema) -> list[str]:
    """What in `new` breaks who relies on `old`, each with its place; empty when nothing does.

    Broken by: a field or a branch removed or renamed, a type changed, a field newly required, an allowed value taken
    away, a bound narrowed, another topic.
    """
    found = list(_compare(_Side(old, old), _Side(new, new), "", 0))
    if old.get("x-topic") != new.get("x-topic"):
        found.append("the topic changed")
    return found


class _Side:
    """A schema within its document, references followed."""

    def __init__(self, document: Schema, schema: Schema) -> None:
        while "$ref" in schema:
            schema = document["$defs"][schema["$ref"].removeprefix("#/$defs/")]
        self.document = document
        self.schema = schema

    def inner(self, schema: Schema) -> _Side:
        return _Side(self.document, schema)

    @property
    def branches(self) -> list[_Side]:
        """The alternatives it allows; itself alone where it allows no choice."""
        choices = self.schema.get("anyOf") or self.schema.get("oneOf")
        return [self.inner(choice) for choice in choices] if choices else [self]

    @property
    def name(self) -> str:
        """What tells one branch from another: the value of a constant field, else an object's title, else the type."""
        properties: Schema = self.schema.get("properties", {})
        constants = [f"{name}={value['const']}" for name, value in properties.items() if "const" in value]
        return ",".join(constants) or str(self.schema.get("title") if properties else self.schema.get("type"))


def _compare(old: _Side, new: _Side, place: str, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if len(old.branches) > 1 or len(new.branches) > 1:
        known = {branch.name: branch for branch in new.branches}
        for branch in old.branches:
            if branch.name not in known:
                yield f"{place or '/'}: {branch.name} is no longer allowed"
            else:
                yield from _compare(branch, known[branch.name], place, depth + 1)
        return
    before, after = old.schema, new.schema
    if before.get("type") != after.get("type"):
        yield f"{place or '/'}: type {before.get('type')} became {after.get('type')}"
        return
    yield from _values(before, after, place or "/")
    yield from _bounds(before, after, place or "/")
    yield from _fields(old, new, place, depth)
    for keyword in ("items", "additionalProperties", "x-sealed"):
        first, second = before.get(keyword), after.get(keyword)
        if isinstance(first, dict) and isinstance(second, dict):
            yield from _compare(old.inner(first), new.inner(second), f"{place}/{keyword}", depth + 1)
        elif keyword == "additionalProperties" and first is not False and second is False and "properties" in before:
            yield f"{place or '/'}: further fields are no longer allowed"
        elif isinstance(first, dict) != isinstance(second, dict) and keyword != "additionalProperties":
            yield f"{place or '/'}: {keyword} appeared or vanished"


def _values(before: Schema, after: Schema, place: str) -> Iterator[str]:
    allowed = _allowed(after)
    if allowed is None:
        return
    previously = _allowed(before)
    if previously is None:
        yield f"{place}: only certain values are allowed now"
        return
    for value in previously:
        if value not in allowed:
            yield f"{place}: {value!r} is no longer allowed"


def _allowed(schema: Schema) -> list[Any] | None:
    values: list[Any] | None = [schema["const"]] if "const" in schema else schema.get("enum")
    return values


def _bounds(before: Schema, after: Schema, place: str) -> Iterator[str]:
    for keyword in _UPPER:
        if keyword in after and (keyword not in before or after[keyword] < before[keyword]):
            yield f"{place}: {keyword} is narrower"
    for keyword in _LOWER:
        if keyword in after and (keyword not in before or after[keyword] > before[keyword]):
            yield f"{place}: {keyword} is narrower"
    for keyword in _EXACT:
        if keyword in after and before.get(keyword) != after[keyword]:
            yield f"{place}: {keyword} changed"


def _fields(old: _Side, new: _Side, place: str, depth: int) -> Iterator[str]:
    before: Schema = old.schema.get("properties", {})
    after: Schema = new.schema.get("properties", {})
    for name, schema in before.items():
        if name not in after:
            yield f"{place}/{name}: removed"
        else:
            yield from _compare(old.inner(schema), new.inner(after[name]), f"{place}/{name}", depth + 1)
    for name in new.schema.get("required", []):
        if name not in old.schema.get("required", []):
            yield f"{place}/{name}: newly required"
