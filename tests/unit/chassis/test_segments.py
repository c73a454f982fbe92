"""Few calls for many events, and no key's events overtake each other."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chassis.consumer import Heard, segments
from chassis.wire import Record
from tests.service.chassis.note_service import Listed, Noted, listed, noted

_RECORD = Record("payments.roster", "", None, "", "", 1, "", b"")

arrivals = st.lists(st.tuples(st.sampled_from(["note", "list"]), st.sampled_from(["a", "b", "c"])), max_size=30)


def heard(kinds: list[tuple[str, str]]) -> list[Heard]:
    return [
        Heard(_RECORD, noted(key, number) if kind == "note" else listed(key, (key, number)))
        for number, (kind, key) in enumerate(kinds)
    ]


@given(arrivals)
def test_each_key_keeps_its_order_and_nothing_is_lost(kinds: list[tuple[str, str]]) -> None:
    came = heard(kinds)
    called = [event for _, events in segments(came) for event in events]

    assert sorted(map(id, called)) == sorted(id(one.event) for one in came)
    for key in "abc":
        assert [id(event) for event in called if event.key == key] == [
            id(one.event) for one in came if one.event.key == key
        ]


@given(arrivals)
def test_one_call_holds_one_kind(kinds: list[tuple[str, str]]) -> None:
    for kind, events in segments(heard(kinds)):
        assert events
        assert {type(event) for event in events} == {kind}


def test_different_keys_share_a_call() -> None:
    came = heard([("note", "a"), ("list", "a"), ("note", "b"), ("list", "b"), ("note", "c")])

    assert [(kind, len(events)) for kind, events in segments(came)] == [(Noted, 3), (Listed, 2)]


def test_a_kind_that_comes_back_for_a_key_makes_a_new_call() -> None:
    came = heard([("note", "a"), ("list", "a"), ("note", "a")])

    assert [kind for kind, _ in segments(came)] == [Noted, Listed, Noted]
