"""Events as Kafka records: JSON, the private part sealed, everything else in clear.

An event is any frozen pydantic model with `name`, `version`, `topic`, `event_id`, `key`, `partition` and perhaps `private`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol, Self

import orjson

from chassis.sealing import Keyring, SealBroken


class Event(Protocol):
    """What the chassis needs to know of an event; contracts define the real ones."""

    name: ClassVar[str]
    version: ClassVar[int]
    topic: ClassVar[str]
    carries_many: ClassVar[bool]
    model_fields: ClassVar[dict[str, Any]]

    @property
    def event_id(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def key(self) -> str: ...
    @property
    def partition(self) -> int | None: ...
    @property
    def cases(self) -> list[str]: ...
    def split(self) -> list[Self]: ...
    def model_dump_json(self, *, exclude: set[str] | None = None) -> str: ...
    @classmethod
    def model_validate_json(cls, data: bytes) -> Self: ...


class Malformed(ValueError):
    """A record that no retry can turn into an event. Carries a code, never content."""


@dataclass(frozen=True, slots=True)
class Record:
    """An event ready for the topic, or as it came from there."""

    topic: str
    key: str
    partition: int | None
    event_id: str
    type: str
    version: int
    trace: str
    value: bytes

    def headers(self) -> list[tuple[str, bytes]]:
        return [
            ("id", self.event_id.encode()),
            ("type", self.type.encode()),
            ("version", str(self.version).encode()),
            ("traceparent", self.trace.encode()),
        ]


class Codec:
    """Encodes what a service says and decodes what it hears, under the wire keys the site gave it."""

    def __init__(self, wire: Mapping[str, Keyring], events: Iterable[type[Event]]) -> None:
        self._wire = wire
        self._types = {(event.topic, event.name, event.version): event for event in events}

    def encode(self, event: Event, trace: str) -> Record:
        value = event.model_dump_json(exclude={"private"}).encode()
        private: Any = getattr(event, "private", None)
        if private is not None:
            clear = private.model_dump_json().encode()
            sealed = self._wire[event.topic].seal(clear, f"{event.event_id}:private")
            value = value[:-1] + b',"private":"' + base64.b64encode(sealed) + b'"}'
        return Record(event.topic, event.key, event.partition, event.event_id, event.name, event.version, trace, value)

    def carries_many(self, record: Record) -> bool:
        """Whether the record's type speaks of many cases; then its own key is no case and is never held."""
        kind = self._types.get((record.topic, record.type, record.version))
        return kind is not None and kind.carries_many

    def decode(self, record: Record) -> Event | None:
        """The event; None for a type this service does not hear; Malformed for what can never be read."""
        kind = self._types.get((record.topic, record.type, record.version))
        if kind is None:
            return None
        try:
            content = orjson.loads(record.value)
            if not isinstance(content, dict):
                raise Malformed("not-an-object")
            value = record.value
            if "private" in kind.model_fields:
                sealed = base64.b64decode(content["private"], validate=True)
                content["private"] = orjson.Fragment(
                    self._wire[record.topic].open(sealed, f"{record.event_id}:private")
                )
                value = orjson.dumps(content)
            event = kind.model_validate_json(value)
        except Malformed:
            raise
        except SealBroken as broken:
            raise Malformed(f"seal-{broken}") from None
        except (KeyError, TypeError, ValueError):
            raise Malformed("content") from None
        if event.event_id != record.event_id:
            raise Malformed("event-id")
        return event
