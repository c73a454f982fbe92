"""What becomes of a cell when its call has ended."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from contracts.findings import Cremation
from contracts.vocabulary import Agency, Outcome, Reason
from services.adapters.domain.agency import Answered, Invalid, Result
from services.adapters.domain.cells import Claimed, Household, Person, bits_of, inquiry_of, party_of, set_of
from services.adapters.domain.retries import Patience, larger, smaller
from services.adapters.domain.settling import after_answer, after_silence, is_news, understand

NOW = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
PEOPLE = tuple(Person(f"mem_{n}", "王小花", "990000197001010012") for n in range(3))
INQUIRY = inquiry_of(1, Household("chk_1", "app_1", "cn/2307/", "", NOW, PEOPLE))
PATIENCE = Patience(first_s=10.0, most_s=100.0, days=30, invalid_tries=3)
FOUND = Answered((), NOW)
BROKEN = Invalid(Reason.MALFORMED)
RECORD = Cremation(cremated_on=date(2026, 1, 2))


def claimed(
    *, members: int = 0b111, attempts: int = 0, outcome: Outcome | None = None, reason: Reason = Reason.NONE
) -> Claimed:
    return Claimed(1, Agency.TAX, INQUIRY, 0b111, members, attempts, outcome, reason)


def test_an_answer_about_everybody_ends_the_cell() -> None:
    cell = claimed()
    step = after_answer(cell, understand(cell, [FOUND, FOUND, FOUND]), NOW, PATIENCE, 0.0)
    assert step.has_ended
    assert (step.outcome, step.reason) == (Outcome.ANSWERED, Reason.NONE)


def test_only_those_with_an_unusable_answer_are_asked_about_again() -> None:
    cell = claimed()
    step = after_answer(cell, understand(cell, [FOUND, BROKEN, FOUND]), NOW, PATIENCE, 0.0)
    assert step.again == step.planned == 0b010
    assert (step.outcome, step.reason, step.attempts) == (Outcome.INVALID, Reason.MALFORMED, 1)
    assert step.due_at > NOW


def test_an_unusable_answer_is_asked_for_three_times_and_no_more() -> None:
    tries, cell = 0, claimed(members=0b010)
    while True:
        tries += 1
        step = after_answer(cell, understand(cell, [BROKEN]), NOW, PATIENCE, 0.0)
        if step.has_ended:
            break
        cell = claimed(members=step.again, attempts=step.attempts, outcome=step.outcome, reason=step.reason)
    assert tries == PATIENCE.invalid_tries
    assert (step.outcome, step.reason) == (Outcome.INVALID, Reason.MALFORMED)


def test_many_silences_do_not_use_up_the_tries_for_an_unusable_answer() -> None:
    cell = claimed(attempts=50, outcome=Outcome.SILENT, reason=Reason.LATE)
    assert not after_answer(cell, understand(cell, [BROKEN, FOUND, FOUND]), NOW, PATIENCE, 0.0).has_ended


def test_silence_asks_everybody_again_later_and_later_up_to_a_limit() -> None:
    waits = []
    cell = claimed()
    for _ in range(8):
        step = after_silence(cell, Reason.LATE, NOW, PATIENCE, 1.0, at_once=False)
        assert step.again == 0b111
        waits.append((step.due_at - NOW).total_seconds())
        cell = claimed(attempts=step.attempts, outcome=step.outcome, reason=step.reason)
    assert waits == [10.0, 20.0, 40.0, 80.0, 100.0, 100.0, 100.0, 100.0]


def test_askers_spread_over_half_of_the_wait() -> None:
    soonest, latest = PATIENCE.next_at(1, NOW, 0.0), PATIENCE.next_at(1, NOW, 1.0)
    assert (soonest - NOW, latest - NOW) == (timedelta(seconds=5), timedelta(seconds=10))


def test_asking_is_given_up_after_thirty_days_and_stays_silent_never_empty() -> None:
    later = NOW + timedelta(days=30)
    step = after_silence(claimed(), Reason.LATE, later, PATIENCE, 0.0, at_once=False)
    assert step.has_ended
    assert (step.outcome, step.reason) == (Outcome.SILENT, Reason.LATE)
    assert not after_silence(
        claimed(), Reason.LATE, later - timedelta(seconds=1), PATIENCE, 0.0, at_once=False
    ).has_ended


def test_an_agency_without_a_connection_is_looked_at_once_a_day() -> None:
    step = after_silence(claimed(), Reason.NOT_CONNECTED, NOW, PATIENCE, 0.0, at_once=False)
    assert step.due_at == NOW + timedelta(days=1)


def test_a_broken_bulk_answer_is_searched_at_once() -> None:
    step = after_silence(claimed(), Reason.MALFORMED, NOW, PATIENCE, 0.0, at_once=True)
    assert step.due_at == NOW


def test_silence_after_an_unusable_answer_does_not_hide_it() -> None:
    cell = claimed(members=0b010, attempts=1, outcome=Outcome.INVALID, reason=Reason.WRONG_PERSON)
    assert after_silence(cell, Reason.LATE, NOW, PATIENCE, 0.0, at_once=False).outcome is Outcome.INVALID
    assert not is_news(cell, Reason.LATE)


@pytest.mark.parametrize(
    ("said", "reason", "expected"),
    [
        ((None, Reason.NONE), Reason.LATE, True),
        ((Outcome.SILENT, Reason.LATE), Reason.LATE, False),
        ((Outcome.SILENT, Reason.LATE), Reason.ERROR, True),
    ],
)
def test_silence_is_told_once_per_reason(said: tuple[Outcome | None, Reason], reason: Reason, expected: bool) -> None:
    assert is_news(claimed(outcome=said[0], reason=said[1]), reason) is expected


def test_halving_reaches_one_and_doubling_the_limit() -> None:
    sizes = [80]
    while sizes[-1] > 1:
        sizes.append(smaller(sizes[-1]))
    assert sizes == [80, 40, 20, 10, 5, 3, 2, 1]
    assert smaller(1) == 1
    assert [larger(size, 80) for size in (1, 5, 50, 80)] == [2, 10, 80, 80]


@pytest.mark.parametrize(
    ("verdicts", "is_plain", "unusable"),
    [
        ([FOUND, FOUND, FOUND], True, 0),
        ([FOUND, Answered((), NOW), FOUND], True, 0),
        ([FOUND, Answered((RECORD,), NOW), FOUND], False, 0),
        ([BROKEN, FOUND, BROKEN], False, 0b101),
        ([BROKEN, BROKEN, BROKEN], False, 0b111),
    ],
)
def test_a_cell_is_plain_only_when_everybody_was_answered_about_and_nothing_found(
    verdicts: list[Result], is_plain: bool, unusable: int
) -> None:
    read = understand(claimed(), verdicts)
    assert (read.is_plain, read.unusable) == (is_plain, unusable)


def test_a_set_of_members_is_read_back_in_the_households_order() -> None:
    chosen = set_of(["mem_2", "mem_0"], bits_of(INQUIRY))
    assert chosen == 0b101
    party = party_of(chosen, INQUIRY)
    assert [(member.bit, member.member_id) for member in party.members] == [(1, "mem_0"), (4, "mem_2")]
    assert party.member_ids == ("mem_0", "mem_2")
    assert party_of(0b111, INQUIRY).members == INQUIRY.members


def test_a_stranger_belongs_to_no_set() -> None:
    with pytest.raises(ValueError, match="member"):
        set_of(["mem_9"], bits_of(INQUIRY))


def test_nobody_prints_with_name_or_number() -> None:
    assert repr(PEOPLE[0]) == "Person(mem_0)"
    for printed in (repr(PEOPLE), repr(INQUIRY), repr(claimed())):
        assert "990000" not in printed
        assert "王小花" not in printed
