"""Topics, speakers and listeners as an AsyncAPI 3 document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chassis.service import Service
from contracts.events.event import Event
from deploy.map import PlatformMap
from deploy.publishing.schemas import file_name

_HEADERS: dict[str, Any] = {
    "type": "object",
    "required": ["id", "type", "version", "traceparent"],
    "properties": {
        "id": {"type": "string", "format": "uuid", "description": "The event's id; what comes twice has the same"},
        "type": {"type": "string", "description": "The event's name"},
        "version": {"type": "string", "description": "Of the event's schema, a whole number"},
        "traceparent": {"type": "string", "description": "W3C trace context, empty where there is none"},
    },
}


def asyncapi(
    platform: PlatformMap, services: Mapping[str, Service], said: Mapping[str, tuple[type[Event], ...]]
) -> Any:
    """One channel a topic; a speaker sends what the catalogue lists, a listener receives what its table hears."""
    events = [event for of_speaker in said.values() for event in of_speaker]
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Hedui 核对 · events",
            "version": "1",
            "description": "Per speaker and key in commit order, at least once; nothing is promised across keys.",
        },
        "defaultContentType": "application/json",
        "channels": {
            topic.name: {
                "address": topic.name,
                "description": f"Said by {topic.speaker}; heard by {', '.join(topic.listeners) or 'nobody yet'}.",
                "messages": {
                    event.name: {"$ref": f"#/components/messages/{event.name}"}
                    for event in events
                    if event.topic == topic.name
                },
                "bindings": {"kafka": {"topic": topic.name, "partitions": topic.partitions}},
            }
            for topic in platform.topics.values()
        },
        "operations": _operations(services, said),
        "components": {
            "schemas": {"headers": _HEADERS},
            "messages": {
                event.name: {
                    "name": event.name,
                    "summary": (event.__doc__ or "").strip().splitlines()[0],
                    "headers": {"$ref": "#/components/schemas/headers"},
                    "payload": {
                        "schemaFormat": "application/schema+json;version=draft-2020-12",
                        "schema": {"$ref": f"./events/{file_name(event)}"},
                    },
                    "bindings": {"kafka": {"key": {"type": "string"}}},
                }
                for event in events
            },
        },
    }


def _operations(services: Mapping[str, Service], said: Mapping[str, tuple[type[Event], ...]]) -> dict[str, Any]:
    operations: dict[str, Any] = {}
    for speaker, events in said.items():
        for event in events:
            operations[f"{speaker} says {event.name}"] = _operation("send", speaker, event)
    for listener, service in services.items():
        for event in service.hears:
            operations[f"{listener} hears {event.name}"] = _operation("receive", listener, event)
    return {_camel(name): operation for name, operation in operations.items()}


def _operation(action: str, service: str, event: type[Event]) -> dict[str, Any]:
    channel = f"#/channels/{event.topic}"
    return {
        "action": action,
        "channel": {"$ref": channel},
        "messages": [{"$ref": f"{channel}/messages/{event.name}"}],
        "tags": [{"name": service}],
    }


def _camel(name: str) -> str:
    first, *others = name.replace(".", " ").replace("_", " ").split()
    return first + "".join(word.capitalize() for word in others)
