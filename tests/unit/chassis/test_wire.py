"""Events on the wire: the personal part never in clear, nothing taken that its speaker did not seal for it."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace

import orjson
import pytest

from chassis.ids import new_event_id
from chassis.sealing import Keyring
from chassis.wire import MOST_BYTES, Codec, Event, EventTooLarge, Malformed, Record
from tests.service.chassis.note_service import Listed, Noted, Whispered, listed, noted, whispered

RING = Keyring("w1", {"w1": bytes(range(32))})
CODEC = Codec({"payments.roster": RING}, (Noted, Whispered), (Listed,))
TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def changed(record: Record, **fields: object) -> Record:
    """The record with fields of its content changed."""
    return replace(record, value=orjson.dumps(orjson.loads(record.value) | fields))


def test_an_event_arrives_as_it_was_said() -> None:
    for event in (whispered("app_1"), noted("app_1"), listed("tax:1", ("app_1", 1), ("app_2", 2))):
        assert CODEC.decode(CODEC.encode(event, TRACE)) == event


def test_the_personal_part_is_nowhere_in_clear() -> None:
    event = whispered("app_1", citizen_id="990000197001010011")
    record = CODEC.encode(event, TRACE)
    raw = record.value + b"".join(name.encode() + value for name, value in record.headers()) + record.key.encode()
    sealed = base64.b64decode(orjson.loads(record.value)["private"])

    for text in ("990000197001010011", "张三丰", "citizen_id"):
        assert text.encode() not in raw
        assert text.encode() not in sealed
        assert base64.b64encode(text.encode()).rstrip(b"=")[:-1] not in raw


def test_a_long_personal_part_is_packed_before_it_is_sealed() -> None:
    event = whispered("app_1", citizen_id="990000197001010011" * 500)
    record = CODEC.encode(event, TRACE)
    assert len(record.value) < 1_000
    assert CODEC.decode(record) == event


def test_a_packed_part_that_is_no_frame_is_refused() -> None:
    record = CODEC.encode(whispered("app_1"), TRACE)
    broken = RING.seal(b"\x28\xb5\x2f\xfd and no frame", f"{record.event_id}:private")
    with pytest.raises(Malformed, match="content"):
        CODEC.decode(changed(record, private=base64.b64encode(broken).decode()))


def test_a_personal_part_moved_to_another_event_does_not_open() -> None:
    one, other = CODEC.encode(whispered("app_1"), ""), CODEC.encode(whispered("app_2"), "")

    with pytest.raises(Malformed, match="seal-content"):
        CODEC.decode(changed(one, private=orjson.loads(other.value)["private"]))


def test_a_personal_part_under_an_unknown_key_does_not_open() -> None:
    stranger = Codec({"payments.roster": Keyring("w9", {"w9": bytes(32)})}, (Whispered,), ())

    with pytest.raises(Malformed, match="seal-key"):
        CODEC.decode(stranger.encode(whispered("app_1"), ""))


def test_the_id_in_the_header_must_be_the_one_in_the_content() -> None:
    with pytest.raises(Malformed, match="event-id"):
        CODEC.decode(replace(CODEC.encode(noted("app_1"), ""), event_id=new_event_id()))


@pytest.mark.parametrize(
    "fields",
    [
        {"stranger": 1},
        {"number": "1"},
        {"number": 1.5},
        {"number": None},
        {"case_id": 7},
        {"occurred_at": "yesterday"},
    ],
)
def test_a_field_that_is_unknown_or_of_another_type_is_refused(fields: dict[str, object]) -> None:
    with pytest.raises(Malformed, match="content"):
        CODEC.decode(changed(CODEC.encode(noted("app_1"), ""), **fields))


@pytest.mark.parametrize(
    "value", [b"", b"null", b"[]", b'"text"', b"{", b'{"event_id": "x"}', b"\xff\xfe", b"[" * 5_000, b'{"n": NaN}']
)
@pytest.mark.parametrize("kind", [noted, whispered])
def test_content_that_is_no_event_is_refused(value: bytes, kind: Callable[[str], Event]) -> None:
    with pytest.raises(Malformed):
        CODEC.decode(replace(CODEC.encode(kind("app_1"), ""), value=value))


@pytest.mark.parametrize("private", [None, 7, "", "?", "AAAA", {"name": "x"}])
def test_a_personal_part_that_is_no_envelope_is_refused(private: object) -> None:
    with pytest.raises(Malformed):
        CODEC.decode(changed(CODEC.encode(whispered("app_1"), ""), private=private))


@pytest.mark.parametrize("key", ["", "x" * 201, "app\0"])
def test_a_key_that_cannot_be_held_is_refused(key: str) -> None:
    with pytest.raises(Malformed, match="key"):
        CODEC.decode(CODEC.encode(noted(key), ""))


def test_a_type_nobody_hears_is_passed_over_but_an_unknown_version_is_not() -> None:
    record = CODEC.encode(noted("app_1"), "")

    assert CODEC.decode(replace(record, type="note.burnt")) is None
    with pytest.raises(Malformed, match="version"):
        CODEC.decode(replace(record, version=2))
    with pytest.raises(Malformed, match="type"):
        CODEC.decode(replace(record, type=""))


def test_a_refusal_says_a_code_and_nothing_of_the_content() -> None:
    with pytest.raises(Malformed) as refused:
        CODEC.decode(changed(CODEC.encode(noted("app_1"), ""), number="990000197001010011"))

    assert str(refused.value) == "content"
    assert refused.value.__cause__ is None


def test_whether_a_record_speaks_of_many_cases_is_known_before_it_is_read() -> None:
    many, one = CODEC.encode(listed("tax:1", ("app_1", 1)), ""), CODEC.encode(noted("app_1"), "")

    assert CODEC.carries_many(replace(many, value=b"broken", version=9))
    assert not CODEC.carries_many(one)


def test_what_fits_no_record_is_refused_before_it_is_stored() -> None:
    with pytest.raises(EventTooLarge):
        CODEC.encode(noted("x" * MOST_BYTES), "")


def test_only_what_the_table_names_may_be_said() -> None:
    assert CODEC.may_say(noted("app_1"))
    assert not CODEC.may_say(listed("tax:1"))
