"""One cell at a time: what outranks what, and what is still awaited."""

from __future__ import annotations

from datetime import timedelta

import pytest

from contracts.vocabulary import Agency, Outcome, Reason
from services.verification.domain.household import Question
from services.verification.domain.merge import Cell, Reply, has_ended, merge
from tests.unit.verification.builders import AS_OF, a_reply

TAX = Question(Agency.TAX, ("m1",))
ANSWER = a_reply(TAX)
INVALID = a_reply(TAX, outcome=Outcome.INVALID, reason=Reason.MALFORMED)
WITHDRAWN = a_reply(TAX, outcome=Outcome.SILENT, reason=Reason.CONSENT_WITHDRAWN)
SILENT = a_reply(TAX, outcome=Outcome.SILENT, reason=Reason.ERROR)


def cell_of(*replies: Reply) -> Cell:
    (cell,) = merge([TAX], replies).cells()
    return cell


@pytest.mark.parametrize(
    ("stronger", "weaker"),
    [
        (ANSWER, WITHDRAWN),
        (ANSWER, INVALID),
        (ANSWER, SILENT),
        (WITHDRAWN, INVALID),
        (WITHDRAWN, SILENT),
        (INVALID, SILENT),
    ],
)
def test_an_answer_outranks_a_withdrawal_that_outranks_an_invalid_answer_that_outranks_silence(
    stronger: Reply, weaker: Reply
) -> None:
    expected = cell_of(stronger)
    assert cell_of(stronger, weaker) == cell_of(weaker, stronger) == expected


def test_of_two_answers_the_earlier_stays() -> None:
    later = a_reply(TAX, as_of=AS_OF + timedelta(days=1))._replace(leaf_hash="other")
    assert cell_of(ANSWER, later).as_of == cell_of(later, ANSWER).as_of == AS_OF


def test_of_two_answers_of_one_instant_everybody_takes_the_same() -> None:
    other = ANSWER._replace(leaf_hash="a")
    assert cell_of(ANSWER, other).leaf_hash == cell_of(other, ANSWER).leaf_hash == "a"


def test_of_two_silences_everybody_takes_the_same() -> None:
    late = a_reply(TAX, outcome=Outcome.SILENT, reason=Reason.LATE)
    assert cell_of(SILENT, late).reason is cell_of(late, SILENT).reason is Reason.ERROR


@pytest.mark.parametrize(
    ("outcome", "reason", "ended"),
    [
        (Outcome.ANSWERED, Reason.NONE, True),
        (Outcome.INVALID, Reason.MALFORMED, True),
        (Outcome.SILENT, Reason.NOT_CONNECTED, True),
        (Outcome.SILENT, Reason.CONSENT_WITHDRAWN, True),
        (Outcome.SILENT, Reason.LATE, False),
        (Outcome.SILENT, Reason.ERROR, False),
        (Outcome.SILENT, Reason.REFUSED, False),
    ],
)
def test_silence_is_provisional_unless_nobody_can_or_may_answer(outcome: Outcome, reason: Reason, ended: bool) -> None:
    assert has_ended(outcome, reason) == ended
    found = merge([TAX, Question(Agency.BANK, ("m1",))], [a_reply(TAX, outcome=outcome, reason=reason)])
    assert found.ended() == ({Agency.TAX} if ended else frozenset())


def test_an_agency_has_ended_and_answered_only_with_all_its_members() -> None:
    both = Question(Agency.TAX, ("m1", "m2"))
    half = merge([both], [ANSWER])
    assert (half.ended(), half.has_answered(Agency.TAX)) == (frozenset(), False)
    whole = merge([both], [a_reply(both)])
    assert (whole.ended(), whole.has_answered(Agency.TAX)) == (frozenset({Agency.TAX}), True)
    assert (whole.was_asked(Agency.TAX), whole.was_asked(Agency.BANK)) == (True, False)
