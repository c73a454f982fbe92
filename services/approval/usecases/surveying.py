"""Surveying: what the township found at the home, and into whose account the money will go."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chassis.callers import Caller
from chassis.clock import local_day
from chassis.ids import new_id
from chassis.transaction import Transaction
from contracts.audit import Act
from services.approval.domain import payee as payees
from services.approval.domain import survey as surveys
from services.approval.domain.case import Case, Surveyed
from services.approval.domain.payee import Payee
from services.approval.domain.survey import Survey
from services.approval.domain.words import State
from services.approval.store import records
from services.approval.usecases import casework
from services.approval.usecases.refusals import Unacceptable, WrongState

_SURVEYED_IN = (State.REVIEW, State.HELD)
_PAYEE_UNTIL = (State.REVIEW, State.HELD, State.OPINED, State.APPROVED, State.PUBLICITY)


async def record_survey(
    tx: Transaction, caller: Caller, case: Case, survey: Survey, *, now: datetime
) -> tuple[Case, str]:
    """Put a survey of a locked case on record; of several in one round the last counts (R-092 to R-098).

    A near relative it names is excluded from the case from here on, and the case is filed (R-141, R-142).
    Raises NotTheAuthority, WrongState, Unacceptable with every fault.
    """
    casework.require_own_office(caller, case)
    if case.state not in _SURVEYED_IN:
        raise WrongState
    if faults := surveys.faults_of(survey, case, casework.policy_of(tx, case), now):
        raise Unacceptable(faults)
    survey_id = new_id("srv")
    await records.add_survey(tx, case, survey, survey_id, by=caller.subject, now=now)
    surveyed = replace(
        case,
        survey=Surveyed(
            survey_id=survey_id,
            visited_on=local_day(survey.visited_at),
            surveyors=survey.surveyors,
            recorded_by=caller.subject,
        ),
        is_doubtful=case.is_doubtful or survey.is_doubtful,
        is_near_relative=case.is_near_relative or bool(survey.near_relatives),
        excluded=tuple(sorted({*case.excluded, *survey.excluded})),
    )
    (kept,) = await casework.keep(tx, [surveyed])
    tx.audit(
        Act.SURVEY_RECORDED,
        subject=case.case_id,
        office=case.office,
        details={
            "survey": survey_id,
            "round": case.survey_round,
            "surveyors": len(survey.surveyors),
            "near_relatives": len(survey.near_relatives),
        },
    )
    return kept, survey_id


async def record_payee(tx: Transaction, caller: Caller, case: Case, payee: Payee, *, now: datetime) -> tuple[Case, str]:
    """Put the holder and account of the card on record, sealed; the last one before the certificate counts (R-211).

    Raises NotTheAuthority, WrongState, Unacceptable with every fault (R-209, R-214, R-215).
    """
    casework.require_own_office(caller, case)
    if case.state not in _PAYEE_UNTIL:
        raise WrongState
    if faults := payees.faults_of(payee, case, casework.policy_of(tx, case), local_day(now)):
        raise Unacceptable(faults)
    payee_id = new_id("pye")
    await records.add_payee(tx, case, payee, payee_id, by=caller.subject, now=now)
    (kept,) = await casework.keep(tx, [replace(case, payee_id=payee_id)])
    details: dict[str, str | int] = {"payee": payee_id, "agent": int(payee.agent is not None)}
    tx.audit(Act.PAYEE_RECORDED, subject=case.case_id, office=case.office, details=details)
    return kept, payee_id
