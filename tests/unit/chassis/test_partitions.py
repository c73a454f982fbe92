"""Which partition a key goes to: what every other client of Kafka would say."""

from __future__ import annotations

from aiokafka.partitioner import murmur2 as of_the_library
from hypothesis import given
from hypothesis import strategies as st

from chassis.kafka import murmur2


@given(st.binary(max_size=100))
def test_the_hash_is_that_of_the_library(data: bytes) -> None:
    assert murmur2(data) == of_the_library(data) & 0xFFFFFFFF


def test_known_hashes() -> None:
    """From the tests of the Java client."""
    assert murmur2(b"21") == -973932308 & 0xFFFFFFFF
    assert murmur2(b"foobar") == -790332482 & 0xFFFFFFFF
    assert murmur2(b"a-little-bit-long-string") == -985981536 & 0xFFFFFFFF
    assert murmur2(b"a-little-bit-longer-string") == -1486304829 & 0xFFFFFFFF
    assert murmur2(b"lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8") == -58897971 & 0xFFFFFFFF
    assert murmur2(b"abc") == 479470107
