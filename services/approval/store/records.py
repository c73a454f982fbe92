"""What people put on record about a case, written once: surveys, payees, opinions, decisions, publicities and so on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chassis import sql
from chassis.transaction import Transaction
from services.approval.domain.case import Case, Certified, Decided, Opined, Posted
from services.approval.domain.payee import Payee
from services.approval.domain.publicity import Objection, Posting
from services.approval.domain.survey import Survey
from services.approval.domain.words import TaskKind
from services.approval.store.filing import file_payee, file_survey, unfile_payee, unfile_survey

_SURVEY = """
insert into surveys (survey_id, case_id, office, survey_round, surveyors, recorded_by, recorded_at, content)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_SURVEYS = "select survey_id, content from surveys where survey_id = any($1::text[])"

_PAYEE = """
insert into payees (payee_id, case_id, office, recorded_by, recorded_at, content) values ($1, $2, $3, $4, $5, $6)
"""
_PAYEES = "select payee_id, content from payees where payee_id = any($1::text[])"

_OPINION = """
insert into opinions (opinion_id, case_id, office, case_version, survey_id, report_id, report_version, recommendation,
    reasons, written_by, written_at, note)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""

_DECISION = """
insert into decisions (decision_id, case_id, office, case_version, outcome, survey_id, opinion_id, report_id,
    report_version, makers, decided_by, decided_at, decision_hash, record, note)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
on conflict (case_id, case_version) do nothing
"""

_PUBLICITY = """
insert into publicities (publicity_id, case_id, office, case_version, decision_id, place, posted_on, days, ended_on,
    photos, posted_by, recorded_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
"""

_OBJECTION = """
insert into objections (objection_id, publicity_id, case_id, office, received_at, source, about, recorded_by,
    recorded_at, note)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
"""
_OBJECTIONS = """
select objection_id, publicity_id, received_at, source, about from objections where case_id = $1
order by objection_id limit 100
"""

_NUMBERS = "select nextval('certificate_numbers') from generate_series(1, $1)"
_CERTIFICATES = """
insert into certificates (certificate_id, number, case_id, office, case_version, publicity_id, ended_on, issued_at)
select *, $8::timestamptz
from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::int[], $6::text[], $7::date[])
"""

_NOTICE = """
insert into notices (notice_id, case_id, office, decision_id, delivered_on, way, evidence, recorded_by, recorded_at)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
"""

_TASKS = """
insert into tasks (task_id, case_id, office, kind, opened_at)
select *, $5::timestamptz from unnest($1::text[], $2::text[], $3::text[], $4::text[])
"""
_TASKS_OF = "select task_id, kind, opened_at from tasks where case_id = $1 order by task_id limit 100"


class ObjectionLine(NamedTuple):
    objection_id: str
    publicity_id: str
    received_at: datetime
    source: str
    about: str


class TaskLine(NamedTuple):
    task_id: str
    kind: str
    opened_at: datetime


@dataclass(frozen=True, slots=True)
class Issued:
    """A certificate to be kept, with the case it ends."""

    case: Case
    publicity: Posted
    certificate: Certified


async def add_survey(tx: Transaction, case: Case, survey: Survey, survey_id: str, *, by: str, now: datetime) -> None:
    sealed = tx.seal(file_survey(survey), f"surveys.content:{survey_id}")
    await sql.execute(
        tx, _SURVEY, survey_id, case.case_id, case.office, case.survey_round, list(survey.surveyors), by, now, sealed
    )


async def surveys(tx: Transaction, survey_ids: Sequence[str]) -> dict[str, Survey]:
    rows = await sql.fetch(tx, _SURVEYS, list(survey_ids))
    return {row[0]: unfile_survey(tx.open(row[1], f"surveys.content:{row[0]}")) for row in rows}


async def add_payee(tx: Transaction, case: Case, payee: Payee, payee_id: str, *, by: str, now: datetime) -> None:
    sealed = tx.seal(file_payee(payee), f"payees.content:{payee_id}")
    await sql.execute(tx, _PAYEE, payee_id, case.case_id, case.office, by, now, sealed)


async def payees(tx: Transaction, payee_ids: Sequence[str]) -> dict[str, Payee]:
    rows = await sql.fetch(tx, _PAYEES, list(payee_ids))
    return {row[0]: unfile_payee(tx.open(row[1], f"payees.content:{row[0]}")) for row in rows}


async def add_opinion(tx: Transaction, case: Case, opined: Opined, note: str, *, now: datetime) -> None:
    """The case's survey is the one the opinion stands on."""
    assert case.survey is not None, "no opinion without a survey"
    await sql.execute(
        tx,
        _OPINION,
        opined.opinion_id,
        case.case_id,
        case.office,
        case.case_version,
        case.survey.survey_id,
        opined.report_id,
        opined.report_version,
        opined.recommendation.value,
        [reason.value for reason in opined.reasons],
        opined.by,
        now,
        _sealed(tx, note, f"opinions.note:{opined.opinion_id}"),
    )


async def add_decision(
    tx: Transaction, case: Case, decided: Decided, record: bytes, note: str, *, now: datetime
) -> bool:
    """Keep the decision on this version of the case; False where another stands already."""
    assert case.survey is not None, "no decision without a survey"
    assert case.opinion is not None, "no decision without an opinion"
    return bool(
        await sql.execute(
            tx,
            _DECISION,
            decided.decision_id,
            case.case_id,
            case.office,
            case.case_version,
            decided.outcome.value,
            case.survey.survey_id,
            case.opinion.opinion_id,
            decided.report_id,
            decided.report_version,
            sorted(case.makers),
            decided.by,
            now,
            bytes.fromhex(decided.decision_hash),
            record,
            _sealed(tx, note, f"decisions.note:{decided.decision_id}"),
        )
    )


async def add_publicity(
    tx: Transaction, case: Case, posted: Posted, posting: Posting, decision_id: str, *, now: datetime
) -> None:
    await sql.execute(
        tx,
        _PUBLICITY,
        posted.publicity_id,
        case.case_id,
        case.office,
        case.case_version,
        decision_id,
        posted.place,
        posted.posted_on,
        (posted.ended_on - posted.posted_on).days,
        posted.ended_on,
        list(posting.photos),
        posted.by,
        now,
    )


async def add_objection(
    tx: Transaction, case: Case, publicity_id: str, objection: Objection, objection_id: str, *, by: str, now: datetime
) -> None:
    await sql.execute(
        tx,
        _OBJECTION,
        objection_id,
        publicity_id,
        case.case_id,
        case.office,
        objection.received_at,
        objection.source.value,
        objection.about.value,
        by,
        now,
        _sealed(tx, objection.note, f"objections.note:{objection_id}"),
    )


async def objections(tx: Transaction, case_id: str) -> list[ObjectionLine]:
    return [ObjectionLine(*row) for row in await sql.fetch(tx, _OBJECTIONS, case_id)]


async def next_numbers(tx: Transaction, count: int) -> list[int]:
    """As many fresh certificate numbers."""
    return [row[0] for row in await sql.fetch(tx, _NUMBERS, count)]


async def add_certificates(tx: Transaction, issued: Sequence[Issued], *, now: datetime) -> None:
    await sql.execute(
        tx,
        _CERTIFICATES,
        [one.certificate.certificate_id for one in issued],
        [one.certificate.number for one in issued],
        [one.case.case_id for one in issued],
        [one.case.office for one in issued],
        [one.case.case_version for one in issued],
        [one.publicity.publicity_id for one in issued],
        [one.publicity.ended_on for one in issued],
        now,
    )


async def add_notice(tx: Transaction, case: Case, notice_id: str, evidence: str, *, now: datetime) -> None:
    """The refusal notice of the case's decision, as `case.notice` says it."""
    assert case.notice is not None, "the notice stands in the case"
    assert case.decision is not None, "a notice tells a decision"
    await sql.execute(
        tx,
        _NOTICE,
        notice_id,
        case.case_id,
        case.office,
        case.decision.decision_id,
        case.notice.delivered_on,
        case.notice.way.value,
        evidence,
        case.notice.by,
        now,
    )


async def add_tasks(tx: Transaction, tasks: Sequence[tuple[str, Case, TaskKind]], *, now: datetime) -> None:
    """(task id, case, kind) of each."""
    await sql.execute(
        tx,
        _TASKS,
        [task_id for task_id, _, _ in tasks],
        [case.case_id for _, case, _ in tasks],
        [case.office for _, case, _ in tasks],
        [kind.value for _, _, kind in tasks],
        now,
    )


async def tasks(tx: Transaction, case_id: str) -> list[TaskLine]:
    return [TaskLine(*row) for row in await sql.fetch(tx, _TASKS_OF, case_id)]


def _sealed(tx: Transaction, note: str, place: str) -> bytes | None:
    return tx.seal(note.encode(), place) if note else None
