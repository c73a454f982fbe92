"""What the others are told of an application: an event when it is accepted, an audit line in any case."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from chassis.ids import new_event_id
from chassis.telemetry import count
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.events.intake import ApplicationSubmitted, Declared, Member, People, Person
from contracts.telemetry import APPLICATIONS
from contracts.values import Office
from contracts.vocabulary import ApplicationState
from policies.model import Packs
from services.intake.domain.application import Application, member_id_of
from services.intake.domain.consents import consented
from services.intake.domain.household import PersonKeys
from services.intake.domain.law import policy_at


def tell(tx: Transaction, application: Application, person_keys: Sequence[bytes], now: datetime) -> None:
    """Say and audit what became of a new application. `person_keys` are its members', in their order."""
    state = application.standing.state
    if state is ApplicationState.ACCEPTED:
        tx.say(_submitted(tx, application, person_keys, now))
    act = Act.APPLICATION_SUBMITTED if state is ApplicationState.ACCEPTED else Act.APPLICATION_KEPT_INCOMPLETE
    tx.audit(
        act,
        subject=application.application_id,
        office=application.office,
        details={
            "aid": application.submission.aid.value,
            "members": len(application.submission.members),
            "missing": len(application.notice),
            "policy": application.policy_pack,
        },
    )


def announce(tx: Transaction, application: Application, now: datetime) -> None:
    """Say that an application, kept incomplete until now, was accepted."""
    person_keys = tx.of(PersonKeys).of_each(application.submission.members)
    tx.say(_submitted(tx, application, person_keys, now))
    tx.audit(Act.APPLICATION_COMPLETED, subject=application.application_id, office=application.office)
    count(APPLICATIONS, state=application.standing.state.value)


def _submitted(
    tx: Transaction, application: Application, person_keys: Sequence[bytes], now: datetime
) -> ApplicationSubmitted:
    submission, accepted_on = application.submission, application.standing.accepted_on
    assert accepted_on is not None
    policy = policy_at(tx.of(Packs), Office(application.office), accepted_on)
    ids = {one.ref: member_id_of(application.application_id, place) for place, one in enumerate(submission.members)}
    consenting = [ids[ref] for ref in consented(submission, policy.household)]
    assert len(consenting) == len(ids), "an application is said only with the consent of every member (R-024)"
    return ApplicationSubmitted(
        event_id=new_event_id(),
        occurred_at=now,
        application_id=application.application_id,
        office=application.office,
        region=application.region,
        aid=submission.aid,
        area=submission.area,
        accepted_on=accepted_on,
        members=[
            Member(
                member_id=ids[one.ref],
                person_key=person_key.hex(),
                relation=one.relation,
                born_on_year=one.citizen_id.born_on.year,
                is_adult=one.is_adult(accepted_on, policy.household),
                employment=one.employment,
                disability_grade=one.disability_grade,
                seriously_ill=one.seriously_ill,
                is_student=one.is_student,
                supplement_groups=tuple([group.value for group in one.supplement_groups]),
            )
            for one, person_key in zip(submission.members, person_keys, strict=True)
        ],
        declaration=[
            Declared(
                item_id=f"{index:03d}",
                member_id=ids[item.member_ref],
                kind=item.kind,
                amount_fen=item.amount_fen,
                quantity=item.quantity,
            )
            for index, item in enumerate(submission.declaration)
        ],
        consented=consenting,
        private=People(
            people=[
                Person(member_id=ids[one.ref], name=one.name.reveal(), citizen_id=one.citizen_id.reveal())
                for one in submission.members
            ]
        ),
    )
