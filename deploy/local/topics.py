"""Kafka's topics, users and access rules as the map wants them: a service writes its own topics only."""

import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import Future
from typing import Any

from confluent_kafka import KafkaException
from confluent_kafka.admin import (
    AclBinding,
    AclBindingFilter,
    AclOperation,
    AclPermissionType,
    AdminClient,
    NewPartitions,
    NewTopic,
    ResourcePatternType,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialAlteration,
    UserScramCredentialUpsertion,
)

from deploy.local.credentials import SecretBox
from deploy.map import PlatformMap

_ROUNDS = 4096
_TIMEOUT_S = 10.0


def connect(port: int, user: str, password: str) -> AdminClient:
    """An administration client; silent about connection trouble, which callers judge by their own calls."""
    return AdminClient(
        {
            "bootstrap.servers": f"127.0.0.1:{port}",
            "security.protocol": "SASL_PLAINTEXT",
            "sasl.mechanism": "SCRAM-SHA-512",
            "sasl.username": user,
            "sasl.password": password,
            "log_level": 0,
        }
    )


def is_ready(admin: AdminClient) -> bool:
    """Whether the broker answers its administrator."""
    try:
        return bool(admin.list_topics(timeout=2).brokers)
    except KafkaException:
        return False


def prepare(admin: AdminClient, platform: PlatformMap, secrets: SecretBox) -> None:
    """Makes users, topics and access rules; harmless when they exist. Raises `KafkaException`."""
    _make_users(admin, list(platform.services), secrets)
    _make_topics(admin, platform)
    _make_rules(admin, platform)


def user_password(secrets: SecretBox, service: str) -> str:
    """The password of a service's Kafka user."""
    return secrets.password(f"kafka-{service}")


def _make_users(admin: AdminClient, services: list[str], secrets: SecretBox) -> None:
    info = ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, _ROUNDS)
    changes: list[UserScramCredentialAlteration] = [
        UserScramCredentialUpsertion(name, info, user_password(secrets, name).encode("ascii")) for name in services
    ]
    _settle(admin.alter_user_scram_credentials(changes, request_timeout=_TIMEOUT_S))


def _make_topics(admin: AdminClient, platform: PlatformMap) -> None:
    existing = admin.list_topics(timeout=_TIMEOUT_S).topics
    missing = [
        NewTopic(topic.name, num_partitions=topic.partitions, replication_factor=1)
        for topic in platform.topics.values()
        if topic.name not in existing
    ]
    if missing:
        _settle(admin.create_topics(missing, request_timeout=_TIMEOUT_S))
    grown = [
        NewPartitions(topic.name, topic.partitions)
        for topic in platform.topics.values()
        if topic.name in existing and len(existing[topic.name].partitions) < topic.partitions
    ]
    if grown:
        _settle(admin.create_partitions(grown, request_timeout=_TIMEOUT_S))
    # A topic is usable once every partition has a leader; the first moments of a broker show none.
    _until(lambda: _has_leaders(admin, platform), "Kafka's topics have no leaders")


def _has_leaders(admin: AdminClient, platform: PlatformMap) -> bool:
    found = admin.list_topics(timeout=_TIMEOUT_S).topics
    return all(
        name in found
        and len(found[name].partitions) >= topic.partitions
        and all(partition.leader >= 0 for partition in found[name].partitions.values())
        for name, topic in platform.topics.items()
    )


def _make_rules(admin: AdminClient, platform: PlatformMap) -> None:
    wanted = _rules(platform)
    present = _present(admin)
    # Only what the map speaks of is taken back: rules on topics it does not name belong to somebody else.
    surplus = [
        rule for rule in present - set(wanted) if rule.restype == ResourceType.TOPIC and rule.name in platform.topics
    ]
    if surplus:
        _settle(admin.delete_acls([_filter(rule) for rule in surplus], request_timeout=_TIMEOUT_S))
    if missing := [rule for rule in wanted if rule not in present]:
        _settle(admin.create_acls(missing, request_timeout=_TIMEOUT_S))
    # Written is not yet in force: the broker reads its own metadata a moment later.
    _until(lambda: set(wanted) <= _present(admin), "Kafka's access rules are not in force")


def _present(admin: AdminClient) -> set[AclBinding]:
    return set(admin.describe_acls(_ANY_RULE, request_timeout=_TIMEOUT_S).result())


def _until(holds: Callable[[], bool], complaint: str) -> None:
    limit = time.monotonic() + _TIMEOUT_S
    while not holds():
        if time.monotonic() > limit:
            raise TimeoutError(f"{complaint} after {_TIMEOUT_S:.0f} s")
        time.sleep(0.05)


def _rules(platform: PlatformMap) -> list[AclBinding]:
    rules: list[AclBinding] = []
    for service in platform.services:
        for topic in platform.said_by(service):
            for operation in (AclOperation.WRITE, AclOperation.DESCRIBE):
                rules.append(_rule(service, ResourceType.TOPIC, topic.name, operation))
        for topic in platform.heard_by(service):
            rules.append(_rule(service, ResourceType.TOPIC, topic.name, AclOperation.READ))
        rules.append(_rule(service, ResourceType.GROUP, service, AclOperation.READ, ResourcePatternType.PREFIXED))
        rules.append(_rule(service, ResourceType.BROKER, "kafka-cluster", AclOperation.IDEMPOTENT_WRITE))
    return rules


def _rule(
    service: str,
    kind: ResourceType,
    name: str,
    operation: AclOperation,
    pattern: ResourcePatternType = ResourcePatternType.LITERAL,
) -> AclBinding:
    return AclBinding(kind, name, pattern, f"User:{service}", "*", operation, AclPermissionType.ALLOW)


def _filter(rule: AclBinding) -> AclBindingFilter:
    return AclBindingFilter(
        rule.restype,
        rule.name,
        rule.resource_pattern_type,
        rule.principal,
        rule.host,
        rule.operation,
        rule.permission_type,
    )


_ANY_RULE = AclBindingFilter(
    ResourceType.ANY,
    None,  # type: ignore[arg-type]  # the library reads None as "any", its annotation does not say so
    ResourcePatternType.ANY,
    None,  # type: ignore[arg-type]
    None,  # type: ignore[arg-type]
    AclOperation.ANY,
    AclPermissionType.ANY,
)


def _settle(futures: Mapping[Any, Future[Any]] | Iterable[Future[Any]]) -> None:
    """Waits for every answer; raises the first refusal."""
    for future in futures.values() if isinstance(futures, Mapping) else futures:
        future.result(_TIMEOUT_S)
