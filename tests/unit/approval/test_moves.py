"""The table of legal moves, against the rules it stands for."""

from __future__ import annotations

import itertools

import pytest

from services.approval.domain.moves import MOVES, IllegalMove, Move, way_of
from services.approval.domain.words import State
from tests.unit.approval.cases import a_case, decided


@pytest.mark.policy("R-114")
def test_every_pair_of_state_and_move_is_in_the_table_or_loud() -> None:
    legal = {(way.source, way.move): way.target for way in MOVES}
    assert len(legal) == len(MOVES), "one target for each state and move"
    for source, move in itertools.product(State, Move):
        if (source, move) in legal:
            assert way_of(source, move).target is legal[source, move]
        else:
            with pytest.raises(IllegalMove):
                way_of(source, move)


def test_no_two_moves_join_the_same_states_so_that_states_alone_tell_what_is_legal() -> None:
    assert len({(way.source, way.target) for way in MOVES}) == len(MOVES)


@pytest.mark.policy("R-125")
def test_no_way_leads_to_money_but_through_decision_and_publicity() -> None:
    """Walk backwards from the certificate: nothing else leads there."""
    into = {state: {way.source for way in MOVES if way.target is state} for state in State}
    assert into[State.PAID] == {State.CERTIFIED}
    assert into[State.CERTIFIED] == {State.PUBLICITY}
    assert into[State.PUBLICITY] == {State.APPROVED}
    assert into[State.APPROVED] == {State.OPINED}
    assert into[State.REFUSED] == {State.OPINED}


def test_paid_and_closed_are_ends() -> None:
    assert not [way for way in MOVES if way.source in (State.PAID, State.CLOSED)]


def test_only_what_undoes_a_decision_opens_a_version() -> None:
    opening = {way.move for way in MOVES if way.opens}
    assert opening == {Move.HOLD, Move.OBJECT}
    held = decided().move(Move.HOLD)
    assert (held.case_version, held.opinion, held.decision) == (2, None, None)
    assert held.survey is not None
    assert a_case().move(Move.CLOSE).case_version == 1
