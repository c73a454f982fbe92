"""Every word has a number of its own in the database."""

from __future__ import annotations

from contracts.vocabulary import Agency, Outcome, Reason
from services.adapters.store import codes


def test_every_word_has_its_own_number() -> None:
    assert set(codes.NUMBER_OF_AGENCY) == set(Agency)
    assert set(codes.NUMBER_OF_OUTCOME) == {None, *Outcome}
    assert set(codes.NUMBER_OF_REASON) == set(Reason)
    assert len(codes.AGENCY_OF_NUMBER) == len(Agency)
    assert len(codes.OUTCOME_OF_NUMBER) == len(Outcome) + 1
    assert len(codes.REASON_OF_NUMBER) == len(Reason)
