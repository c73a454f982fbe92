"""Certifying: once the publicity has passed, the level is fixed and payments may begin."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chassis.callers import Caller
from chassis.clock import local_day
from chassis.ids import new_event_id, new_id
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.events.approval import Beneficiary, CertificateIssued
from contracts.events.approval import Payee as PayeePart
from contracts.values import Office
from services.approval.domain.case import Case, Certified
from services.approval.domain.law import county_of
from services.approval.domain.moves import Move
from services.approval.domain.payee import Payee
from services.approval.domain.survey import Survey
from services.approval.store import cases, records
from services.approval.store.records import Issued
from services.approval.usecases import casework
from services.approval.usecases.limits import Limits


async def end_publicities(tx: Transaction, caller: Caller, *, now: datetime) -> None:
    """Issue the certificate where the full legal days have passed without objection and the card is known (R-117)."""
    due = await cases.lock_over(tx, now=now, limit=tx.of(Limits).certificate_batch)
    if not due:
        return
    numbers = await records.next_numbers(tx, len(due))
    issued = [_issued(case, number, now) for case, number in zip(due, numbers, strict=True)]
    await records.add_certificates(tx, issued, now=now)
    surveys = await records.surveys(tx, [case.survey.survey_id for case in due if case.survey])
    payees = await records.payees(tx, [case.payee_id for case in due if case.payee_id])
    certified = [replace(one.case.move(Move.CERTIFY), certificate=one.certificate) for one in issued]
    for case, one in zip(await casework.keep(tx, certified), issued, strict=True):
        assert case.survey is not None, "nobody is certified without a survey"
        assert case.payee_id is not None, "nobody is certified without a card"
        _say_issued(tx, case, one, surveys[case.survey.survey_id], payees[case.payee_id], now)


def _issued(case: Case, number: int, now: datetime) -> Issued:
    assert case.publicity is not None, "a case under publicity has its posting"
    on = local_day(now)
    name = f"JZ-{county_of(Office(case.office))}-{on.year}-{number:08d}"
    certificate = Certified(certificate_id=new_id("crt"), number=name, issued_on=on)
    return Issued(case, case.publicity, certificate)


def _say_issued(tx: Transaction, case: Case, issued: Issued, survey: Survey, payee: Payee, now: datetime) -> None:
    decision = case.decision
    assert decision is not None, "only what is decided is certified"
    groups = survey.groups
    tx.say(
        CertificateIssued(
            event_id=new_event_id(),
            occurred_at=now,
            certificate_id=issued.certificate.certificate_id,
            case_id=case.case_id,
            application_id=case.application_id,
            office=case.office,
            region=case.region,
            aid=case.aid,
            area=case.area,
            case_version=case.case_version,
            decision_hash=decision.decision_hash,
            confirmed_on=decision.on,
            publicity_ended_on=issued.publicity.ended_on,
            household_income_month_fen=decision.household_income_month_fen,
            members=[
                Beneficiary(
                    member_id=one.member_id,
                    person_key=one.person_key,
                    supplement_groups=[group.value for group in groups.get(one.member_id, ())],
                )
                for one in case.members
            ],
            policy_pack=casework.policy_of(tx, case).pack_id,
            private=PayeePart(
                member_id=payee.member_id,
                name=payee.name.reveal(),
                citizen_id=payee.citizen_id.reveal(),
                account=payee.account.reveal(),
            ),
        ),
        trace=case.trace or None,
    )
    tx.audit(
        Act.CERTIFICATE_ISSUED,
        subject=case.case_id,
        office=case.office,
        details={"certificate": issued.certificate.certificate_id, "number": issued.certificate.number},
    )
