"""Recording what agencies said; the last answer, and every late one, lets a report be issued."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from chassis.callers import Caller
from chassis.ids import new_event_id
from chassis.transaction import Transaction
from contracts.events.adapters import AgencyAnswers, AgencySilent, AnswerItem, MemberRecords
from contracts.findings import Record
from contracts.vocabulary import Agency, Outcome, Reason
from services.verification.domain.household import Question
from services.verification.domain.merge import Reply, has_ended, merge
from services.verification.domain.report import is_due
from services.verification.store import arrivals, checks
from services.verification.store.checks import Check
from services.verification.store.codes import BIT
from services.verification.usecases import issuing
from services.verification.usecases.recent import RecentReplies
from services.verification.usecases.refusals import CheckUnknown

_NO_RECORDS: Mapping[str, tuple[Record, ...]] = {}


async def record_answers(tx: Transaction, caller: Caller, facts: Sequence[AgencyAnswers], *, now: datetime) -> None:
    """Keep the answers of a batch and issue the reports that are due by them.

    An answer about a check whose application was withdrawn is dropped. Raises CheckUnknown where no such check is open.
    """
    replies: dict[str, list[Reply]] = {}
    ended: dict[str, int] = {}
    for fact in facts:
        bit = BIT[fact.agency]
        for item, found in zip(fact.items, fact.private.items, strict=True):
            reply = _reply(fact.agency, item, found)
            check_id = item.check_id
            if check_id in replies:
                replies[check_id].append(reply)
            else:
                replies[check_id], ended[check_id] = [reply], 0
            if reply.has_ended:
                ended[check_id] |= bit
    batch = new_batch()
    noted = await checks.note(tx, batch, ended)
    _refuse_unknown(replies, noted)
    await _record(tx, batch, replies, noted, now)


async def record_silence(tx: Transaction, caller: Caller, facts: Sequence[AgencySilent], *, now: datetime) -> None:
    """Note which agencies keep silent and why. Silence is provisional:

    it ends a cell only where nobody can or may answer.
    """
    told: dict[str, dict[Agency, Reason]] = {}
    ended: dict[str, int] = {}
    silent: dict[str, int] = {}
    for fact in facts:
        bit = BIT[fact.agency]
        for item in fact.items:
            told.setdefault(item.check_id, {})[fact.agency] = item.reason
            is_over = has_ended(Outcome.SILENT, item.reason)
            ended[item.check_id] = ended.get(item.check_id, 0) | (bit if is_over else 0)
            silent[item.check_id] = silent.get(item.check_id, 0) | bit
    batch = new_batch()
    noted = await checks.note(tx, batch, ended, silent)
    _refuse_unknown(told, noted)
    fresh = [
        check
        for check in noted
        if any(_is_news(check, agency, reason) for agency, reason in told[check.check_id].items())
    ]
    plans = await issuing.plans_of(tx, fresh)
    replies = {
        check.check_id: [
            silence(agency, reason, plans[check.check_id]) for agency, reason in told[check.check_id].items()
        ]
        for check in fresh
    }
    await _record(tx, batch, replies, fresh, now)


def silence(agency: Agency, reason: Reason, plan: Iterable[Question]) -> Reply:
    """No answer about any member the agency was asked about."""
    members = next((members for asked, members in plan if asked is agency), ())
    return Reply(agency, None, "", (), tuple((member_id, Outcome.SILENT, reason) for member_id in members), {})


def _is_news(check: Check, agency: Agency, reason: Reason) -> bool:
    """Repeated provisional silence is not kept again; silence that ends the cell is."""
    return agency not in check.silent or has_ended(Outcome.SILENT, reason)


def _reply(agency: Agency, item: AnswerItem, found: Sequence[MemberRecords]) -> Reply:
    return Reply(
        agency,
        item.as_of,
        item.leaf_hash,
        item.answered,
        tuple([(one.member_id, one.outcome, one.reason) for one in item.unanswered]) if item.unanswered else (),
        {one.member_id: one.records for one in found} if found else _NO_RECORDS,
    )


def new_batch() -> UUID:
    """Names what one transaction brings about checks; another attempt at it has another name."""
    return UUID(new_event_id())


async def _record(
    tx: Transaction, batch: UUID, replies: Mapping[str, Sequence[Reply]], noted: Sequence[Check], now: datetime
) -> None:
    live = [check for check in noted if check.state != "stopped"]
    await arrivals.add(tx, batch, live, replies)
    news = await _with_news(tx, [check for check in live if check.version > 0], batch)
    due: list[Check] = []
    recent = tx.of(RecentReplies)
    for check in live:
        if is_due(check.version, all_ended=check.all_ended, has_news=check.check_id in news):
            due.append(check)
        elif (before := recent.take(check.check_id, check.last_batch)) is not None:
            recent.keep(check.check_id, batch, [*before, *replies[check.check_id]])
    await issuing.issue(tx, due, now=now, in_hand=issuing.InHand(batch, replies))


def _refuse_unknown(told: Mapping[str, object], noted: Sequence[Check]) -> None:
    if len(noted) < len(told):
        raise CheckUnknown


async def _with_news(tx: Transaction, reported: Sequence[Check], batch: UUID) -> set[str]:
    """Reported checks whose picture this batch changed; a repetition changes nothing and issues nothing."""
    if not reported:
        return set()
    ids = [check.check_id for check in reported]
    plans = await issuing.plans_of(tx, reported)
    before = await arrivals.of_checks(tx, ids, but=batch)
    after = await arrivals.of_checks(tx, ids)
    return {
        check.check_id
        for check in reported
        if merge(plans[check.check_id], before[check.check_id]).cells()
        != merge(plans[check.check_id], after[check.check_id]).cells()
    }
