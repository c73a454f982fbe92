"""Issuing reports: merge, flags, a version, one signature for all that are issued together (R-067, R-068)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from chassis.callers import Caller
from chassis.clock import local_day
from chassis.ids import new_event_id, new_id
from chassis.telemetry import count
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.events.verification import Coverage, OpenFlag, ReportIssued
from contracts.telemetry import FLAGS, REPORTS
from policies.lookup import policy_for
from policies.model import Packs, Policy
from services.verification.domain.flags import Case, Flag, raise_flags
from services.verification.domain.household import Household, Question
from services.verification.domain.merge import Reply, merge
from services.verification.domain.report import Edition, Report, draw_up, qualifies
from services.verification.domain.review import Standing, settle
from services.verification.domain.signing import Signer
from services.verification.store import arrivals, checks, flags, reports
from services.verification.store.checks import Check
from services.verification.store.filing import Filed, unfile_household
from services.verification.store.reports import Issued, Signature
from services.verification.usecases.limits import Limits
from services.verification.usecases.recent import RecentHouseholds, RecentReplies


@dataclass(frozen=True)
class InHand:
    """What a batch has just brought: kept in the database under its number, and need not be read back."""

    batch: UUID
    replies: Mapping[str, Sequence[Reply]]


async def issue(tx: Transaction, due: Sequence[Check], *, now: datetime, in_hand: InHand | None = None) -> list[Issued]:
    """Issue the next version for each of these locked checks; a constant number of statements for all of them."""
    if not due:
        return []
    ids = [check.check_id for check in due]
    filed = await _households(tx, ids)
    replies = await _replies(tx, due, in_hand)
    known = await flags.of_checks(tx, [check.check_id for check in due if check.version > 0])
    raised: list[tuple[Check, Flag]] = []
    restated: list[Flag] = []
    issued: list[Issued] = []
    today = local_day(now)
    for check in due:
        household, people, plan = filed[check.check_id]
        policy = policy_of(tx, household)
        found = merge(plan, replies[check.check_id])
        before = known.get(check.check_id, [])
        news = settle(before, raise_flags(Case(check.check_id, household, policy, found)))
        raised.extend([(check, flag) for flag in news.raised])
        restated.extend(news.restated)
        standings = _standings(before, news.raised, news.restated, now)
        report_id = new_id("rep")
        edition = Edition(report_id, check.version + 1, check.report_id, now, today)
        report = draw_up(check.check_id, household, people, policy, found, standings, edition)
        issued.append(Issued(report_id, check, report, policy.pack_id))
        _say(tx, issued[-1], household, now)
    await flags.add(tx, raised, now=now)
    await flags.restate(tx, restated)
    await reports.add(tx, issued, _signed(tx, [one.report for one in issued], now))
    for code, flags_raised in Counter([flag.code for _, flag in raised]).items():
        count(FLAGS, flags_raised, code=code.value)
    for conclusion, reports_issued in Counter([one.report.conclusion for one in issued]).items():
        count(REPORTS, reports_issued, conclusion=conclusion.value)
    return issued


async def close_overdue(tx: Transaction, caller: Caller, *, now: datetime) -> None:
    """Issue version 1, partial, for checks whose deadline has passed; late answers issue the next version."""
    await issue(tx, await checks.lock_overdue(tx, now=now, limit=tx.of(Limits).overdue_batch), now=now)


async def plans_of(tx: Transaction, some: Sequence[Check]) -> dict[str, tuple[Question, ...]]:
    """Whom each check's plan asks about whom."""
    return {check_id: filed.plan for check_id, filed in (await _households(tx, [one.check_id for one in some])).items()}


def policy_of(tx: Transaction, household: Household) -> Policy:
    """The policy in force for the household on the day its application was accepted."""
    return policy_for(tx.of(Packs), household.region, household.accepted_on)


async def household_of(tx: Transaction, check_id: str) -> Filed:
    """The household of one check."""
    return (await _households(tx, [check_id]))[check_id]


async def _replies(tx: Transaction, due: Sequence[Check], in_hand: InHand | None) -> dict[str, Sequence[Reply]]:
    """All replies about these checks."""
    if in_hand is None:
        return {**await arrivals.of_checks(tx, [check.check_id for check in due])}
    recent = tx.of(RecentReplies)
    before = {check.check_id: recent.take(check.check_id, check.last_batch) for check in due}
    missing = [check_id for check_id, held in before.items() if held is None]
    read = await arrivals.of_checks(tx, missing, but=in_hand.batch) if missing else {}
    return {
        check_id: [*(read[check_id] if held is None else held), *in_hand.replies[check_id]]
        for check_id, held in before.items()
    }


async def _households(tx: Transaction, ids: Sequence[str]) -> dict[str, Filed]:
    recent = tx.of(RecentHouseholds)
    found = {check_id: filed for check_id in ids if (filed := recent.find(check_id)) is not None}
    missing = [check_id for check_id in ids if check_id not in found]
    if missing:
        for check_id, content in (await checks.households(tx, missing)).items():
            found[check_id] = unfile_household(tx.open(content, f"households.content:{check_id}"))
    return found


def _standings(
    before: Sequence[Standing], raised: Sequence[Flag], restated: Sequence[Flag], now: datetime
) -> tuple[Standing, ...]:
    changed = {flag.flag_id: flag for flag in restated}
    return (
        *[one._replace(flag=changed.get(one.flag.flag_id, one.flag)) for one in before],
        *[Standing(flag, now) for flag in raised],
    )


def _signed(tx: Transaction, issued: Sequence[Report], now: datetime) -> Signature:
    hashes = [bytes.fromhex(report.content_hash) for report in issued]
    return Signature(new_id("sig"), now, b"".join(hashes), tx.of(Signer).sign(hashes))


def _say(tx: Transaction, one: Issued, household: Household, now: datetime) -> None:
    check, report = one.check, one.report
    tx.say(
        ReportIssued(
            event_id=new_event_id(),
            occurred_at=now,
            report_id=one.report_id,
            check_id=check.check_id,
            application_id=check.application_id,
            office=check.office,
            region=household.region,
            aid=household.aid,
            area=household.area,
            accepted_on=household.accepted_on,
            number=report.number,
            report_version=report.version,
            supersedes=report.supersedes,
            issued_at=now,
            is_partial=report.is_partial,
            coverage=Coverage(**report.coverage._asdict()),
            open_flags=[OpenFlag(flag_id=flag_id, code=code) for flag_id, code in report.open_flags],
            conclusion=report.conclusion,
            content_hash=report.content_hash,
            policy_pack=one.policy_pack,
            member_ids=[member.member_id for member in household.members],
            person_keys=[member.person_key for member in household.members],
            supplement_groups={
                member.member_id: list(member.supplement_groups)
                for member in household.members
                if member.supplement_groups
            },
            income_per_head_month_fen=report.income.per_head_month_fen,
            household_income_month_fen=report.income.household_month_fen,
            income_qualifies=qualifies(report.conditions.income),
            property_qualifies=qualifies(report.conditions.property_rule),
        ),
        trace=check.trace or None,
    )
    tx.audit(
        Act.REPORT_ISSUED,
        subject=one.report_id,
        office=check.office,
        details={"version": report.version, "conclusion": report.conclusion.value, "hash": report.content_hash},
    )
