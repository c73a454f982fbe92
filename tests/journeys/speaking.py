"""Saying events in a service's stead, sealed as it would seal them: what a journey needs to play a broken speaker."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.kafka import partition_of
from chassis.sealing import Keyring
from chassis.site import KeySite, Site
from chassis.wire import Codec
from chassis.wire import Record as WireRecord
from contracts.events import CATALOGUE
from contracts.events.event import Event
from deploy.local.platform import LocalPlatform
from tests.journeys.records import Recorded


class Voice:
    """Reads and writes a service's events under the keys of its site file."""

    def __init__(self, platform: LocalPlatform, service: str, other_keys: Mapping[str, KeySite] | None = None) -> None:
        """`other_keys`: by topic, a ring to seal under in place of the site file's."""
        site = Site.model_validate_json(platform.site_file(service).read_text())
        rings = {**site.keys.wire, **(other_keys or {})}
        self._codec = Codec({topic: Keyring.of(ring) for topic, ring in rings.items()}, CATALOGUE[service], ())
        self._partitions = {name: topic.partitions for name, topic in platform.map.topics.items()}

    def hear(self, record: Recorded) -> Event:
        """The event in a record that this service said."""
        event: Any = self._codec.decode(
            WireRecord(
                record.topic,
                record.key.decode(),
                record.partition,
                record.header("id"),
                record.header("type"),
                int(record.header("version")),
                record.header("traceparent"),
                record.value,
            )
        )
        assert isinstance(event, Event)
        return event

    def say(self, event: Event) -> Recorded:
        """The event as a record on its topic, where its key belongs."""
        record = self._codec.encode(event, "")
        partition = record.partition
        if partition is None:
            partition = partition_of(record.key, self._partitions[record.topic])
        return Recorded(record.topic, partition, record.key.encode(), record.value, tuple(record.headers()))
