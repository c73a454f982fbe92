"""What is sealed opens only in its place, under a key of the ring, unchanged; blind indexes find equals only."""

from __future__ import annotations

import pytest

from chassis.sealing import BlindIndex, Keyring, SealBroken

OLD, NEW = bytes(range(32)), bytes(range(32, 64))
PLACE = "person.name:app_1"


def test_what_is_sealed_opens_in_its_place_only() -> None:
    ring = Keyring("r1", {"r1": OLD})
    sealed = ring.seal("张三".encode(), PLACE)

    assert ring.open(sealed, PLACE) == "张三".encode()
    for elsewhere in ("person.name:app_2", "person.phone:app_1", "", PLACE + " "):
        with pytest.raises(SealBroken):
            ring.open(sealed, elsewhere)


def test_a_new_key_seals_while_the_old_one_still_opens() -> None:
    before = Keyring("r1", {"r1": OLD})
    rotated = Keyring("r2", {"r1": OLD, "r2": NEW})
    old_value, new_value = before.seal(b"old", PLACE), rotated.seal(b"new", PLACE)

    assert rotated.open(old_value, PLACE) == b"old"
    assert rotated.open(new_value, PLACE) == b"new"
    with pytest.raises(SealBroken, match="key"):
        before.open(new_value, PLACE)
    with pytest.raises(SealBroken, match="key"):
        Keyring("r2", {"r2": NEW}).open(old_value, PLACE)


def test_every_byte_of_the_envelope_counts() -> None:
    ring = Keyring("r1", {"r1": OLD, "r2": NEW})
    sealed = ring.seal(b"amount 100", PLACE)

    for place in range(len(sealed)):
        changed = bytearray(sealed)
        changed[place] ^= 1
        with pytest.raises(SealBroken):
            ring.open(bytes(changed), PLACE)
    for length in range(len(sealed)):
        with pytest.raises(SealBroken):
            ring.open(sealed[:length], PLACE)


def test_equal_values_are_sealed_unequally() -> None:
    ring = Keyring("r1", {"r1": OLD})

    assert len({ring.seal(b"990000197001010011", PLACE) for _ in range(100)}) == 100


def test_a_ring_refuses_short_keys_and_an_active_key_it_lacks() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring("r1", {"r1": OLD, "r2": OLD[:16]})
    with pytest.raises(ValueError, match="active"):
        Keyring("r3", {"r1": OLD})


def test_a_broken_seal_tells_nothing_of_the_content() -> None:
    ring = Keyring("r1", {"r1": OLD})
    with pytest.raises(SealBroken) as broken:
        ring.open(ring.seal(b"990000197001010011", PLACE), "elsewhere")

    assert str(broken.value) == "content"
    assert broken.value.__cause__ is None


def test_blind_indexes_find_equals_under_one_key_only() -> None:
    index, other = BlindIndex(OLD), BlindIndex(NEW)

    assert index.of("990000197001010011") == index.of("990000197001010011")
    assert len(index.of("990000197001010011")) == 32
    assert index.of("990000197001010011") != index.of("990000197001010012")
    assert index.of("990000197001010011") != other.of("990000197001010011")
