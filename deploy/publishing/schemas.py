"""Events as JSON Schemas: as they stand on their topic, the personal part sealed."""

from __future__ import annotations

import inspect
from collections.abc import Iterable
from typing import Any

import msgspec

from contracts.events.event import Event

DIALECT = "https://json-schema.org/draft/2020-12/schema"


def file_name(event: type[Event]) -> str:
    """`application.submitted.v1.json`."""
    return f"{event.name}.v{event.version}.json"


def event_schema(event: type[Event]) -> dict[str, Any]:
    """The schema of a record's value. `x-sealed` tells whoever holds the topic's wire key what the seal encloses."""
    _, parts = msgspec.json.schema_components([event])
    schema = _spelt_out({"$defs": {name: parts[name] for name in sorted(parts) if name != event.__name__}})
    schema |= _spelt_out(parts[event.__name__])
    properties: dict[str, Any] = schema["properties"]
    if "private" in properties:
        properties["private"] = {
            "type": "string",
            "contentEncoding": "base64",
            "description": "JSON, or a Zstandard frame of it, sealed with AES-256-GCM under the topic's wire key, "
            "bound to this event's id",
            "x-sealed": properties["private"],
        }
    return {
        "$schema": DIALECT,
        "$id": f"urn:hedui:event:{event.name}:v{event.version}",
        "x-topic": event.topic,
        **schema,
        "description": inspect.cleandoc(event.__doc__ or ""),
    }


def _spelt_out(schema: Any) -> Any:
    """Words as strings, and the one word a field may hold as a constant: what other languages' readers go by."""
    if isinstance(schema, list):
        return [_spelt_out(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _spelt_out(part) for name, part in schema.items()}
    if isinstance(words := plain.get("enum"), list):
        plain["type"] = "string"
        if len(words) == 1:
            plain["const"] = plain.pop("enum")[0]
    return plain


def schemas(events: Iterable[type[Event]]) -> dict[str, dict[str, Any]]:
    """File name -> schema."""
    return {file_name(event): event_schema(event) for event in events}
