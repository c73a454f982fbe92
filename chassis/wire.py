"""Events as Kafka records: JSON, the private part sealed, everything else in clear.

An event is any frozen `msgspec.Struct` with `name`, `version`, `topic`, `event_id`, `key`, `partition` and perhaps, as
its last field, `private`.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Protocol, Self

import msgspec
import zstandard

from chassis.refusal import Kind, Refusal
from chassis.sealing import Keyring, SealBroken

MOST_BYTES = 900_000
"""Of one record: below what producer and broker take, so that nothing enters the outbox that cannot leave it."""
_LONGEST_KEY = 200


class Event(Protocol):
    """What the chassis needs to know of an event; contracts define the real ones."""

    name: ClassVar[str]
    version: ClassVar[int]
    topic: ClassVar[str]
    carries_many: ClassVar[bool]
    __struct_fields__: ClassVar[tuple[str, ...]]

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


class EventTooLarge(Refusal):
    """What would be said fits no record."""

    kind = Kind.TOO_LARGE
    code = "event-too-large"
    zh = "内容过大，无法受理。"
    en = "The content is too large to be taken."


_PRIVATE = b',"private":'
_SEALED = _PRIVATE + b'"'
_WORTH_PACKING = 512
"""Bytes of a private part from which on it is packed before it is sealed: what is sealed no broker can compress."""
_PACKED = b"\x28\xb5\x2f\xfd"
_PACK = zstandard.ZstdCompressor(level=1)
_UNPACK = zstandard.ZstdDecompressor()


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

    def __init__(self, wire: Mapping[str, Keyring], says: Iterable[type[Event]], hears: Iterable[type[Event]]) -> None:
        self._wire = wire
        self._says = frozenset(says)
        self._types: dict[tuple[str, str], dict[int, type[Event]]] = {}
        self._encoder = msgspec.json.Encoder()
        self._decoders: dict[type[Event], msgspec.json.Decoder[Event]] = {}
        self._sealed: set[type[Event]] = set()
        for event in (*self._says, *hears):
            self._types.setdefault((event.topic, event.name), {})[event.version] = event
            self._decoders[event] = msgspec.json.Decoder(event)
            if "private" in event.__struct_fields__:
                self._sealed.add(event)

    def may_say(self, event: Event) -> bool:
        """Whether the service's table names this event among what it says."""
        return type(event) in self._says

    def encode(self, event: Event, trace: str) -> Record:
        """Raises EventTooLarge."""
        value = self._encoder.encode(event)
        if type(event) in self._sealed:
            # No string holds the mark, whose quotation marks would be escaped there.
            before, _, after = value.partition(_PRIVATE)
            clear = after[:-1] if len(after) < _WORTH_PACKING else _PACK.compress(after[:-1])
            sealed = self._wire[event.topic].seal(clear, f"{event.event_id}:private")
            value = b"".join((before, _SEALED, base64.b64encode(sealed), b'"}'))
        if len(value) > MOST_BYTES:
            raise EventTooLarge
        return Record(event.topic, event.key, event.partition, event.event_id, event.name, event.version, trace, value)

    def _opened(self, record: Record) -> bytes:
        """The record's JSON with its private part in clear. That part stands last, as `encode` writes it."""
        before, mark, after = record.value.rpartition(_SEALED)
        if not mark or not after.endswith(b'"}'):
            raise Malformed("content")
        sealed = base64.b64decode(after[:-2], validate=True)
        clear = self._wire[record.topic].open(sealed, f"{record.event_id}:private")
        if clear.startswith(_PACKED):
            clear = _UNPACK.decompress(clear)
        return b"".join((before, _PRIVATE, clear, b"}"))

    def carries_many(self, record: Record) -> bool:
        """Whether the record's type speaks of many cases; then its own key is no case and is never held."""
        versions = self._types.get((record.topic, record.type), {})
        return any(kind.carries_many for kind in versions.values())

    def decode(self, record: Record) -> Event | None:
        """The event; None for a type this service does not hear; Malformed for what can never be read."""
        versions = self._types.get((record.topic, record.type))
        if versions is None:
            if not record.type:
                raise Malformed("type")
            return None
        kind = versions.get(record.version)
        if kind is None:
            raise Malformed("version")
        try:
            value = self._opened(record) if kind in self._sealed else record.value
            event = self._decoders[kind].decode(value)
            keys = (event.key, *event.cases)
        except Malformed:
            raise
        except SealBroken as broken:
            raise Malformed(f"seal-{broken}") from None
        except (LookupError, TypeError, ValueError, zstandard.ZstdError):
            raise Malformed("content") from None
        if any(not key or len(key) > _LONGEST_KEY or "\0" in key for key in keys):
            raise Malformed("key")
        if event.event_id != record.event_id:
            raise Malformed("event-id")
        return event
