"""Households and agencies as verification hears of them. Numbers under region prefix 99 only."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta

from msgspec.structs import replace

from chassis.ids import new_event_id, new_id
from contracts.events.adapters import (
    AgencyAnswers,
    AgencySilent,
    AnswerItem,
    Findings,
    MemberRecords,
    SilentItem,
    Unanswered,
)
from contracts.events.intake import (
    ApplicationSubmitted,
    ApplicationWithdrawn,
    ConsentWithdrawn,
    Declared,
    Member,
    People,
    Person,
)
from contracts.events.verification import CheckOpened
from contracts.findings import Record
from contracts.values import check_sign
from contracts.vocabulary import Agency, Aid, Area, Employment, ItemKind, Outcome, Reason, Relation

OFFICE = "cn/2307/230799/230799001/"
NOW = datetime(2026, 9, 16, 2, 0, tzinfo=UTC)


def citizen_id(place: int) -> str:
    first = f"99010119800101{place:03d}"
    return first + check_sign(first)


def an_application(
    members: int = 2,
    *,
    area: Area = Area.URBAN,
    office: str = OFFICE,
    region: str = "230799",
    declaration: Iterable[tuple[ItemKind, int]] = (),
) -> ApplicationSubmitted:
    """A couple, or more, who declare the given items in the applicant's name."""
    application_id = new_id("app")
    ids = [f"mem_{application_id[4:]}_{place:02d}" for place in range(members)]
    relations = [Relation.APPLICANT, Relation.SPOUSE] + [Relation.CHILD] * members
    return ApplicationSubmitted(
        event_id=new_event_id(),
        occurred_at=NOW,
        application_id=application_id,
        office=office,
        region=region,
        aid=Aid.DIBAO,
        area=area,
        accepted_on=date(2026, 9, 15),
        members=[
            Member(
                member_id=member_id,
                person_key=f"{place:064x}",
                relation=relations[place],
                born_on_year=1980,
                is_adult=True,
                employment=Employment.FARMING,
            )
            for place, member_id in enumerate(ids)
        ],
        declaration=[
            Declared(item_id=f"{place:03d}", member_id=ids[0], kind=kind, amount_fen=amount_fen)
            for place, (kind, amount_fen) in enumerate(declaration)
        ],
        consented=ids,
        private=People(
            people=[
                Person(member_id=member_id, name=f"验证{place}", citizen_id=citizen_id(place))
                for place, member_id in enumerate(ids)
            ]
        ),
    )


def answers(
    opened: CheckOpened,
    found: Mapping[tuple[Agency, int], Iterable[Record]] | None = None,
    *,
    but: Iterable[Agency] = (),
    as_of: datetime = NOW - timedelta(hours=1),
) -> list[AgencyAnswers]:
    """One event per agency of the plan, all members answered; `found` by agency and place of the member."""
    left_out = set(but)
    return [an_answer(opened, ask.agency, found, as_of=as_of) for ask in opened.plan if ask.agency not in left_out]


def an_answer(
    opened: CheckOpened,
    agency: Agency,
    found: Mapping[tuple[Agency, int], Iterable[Record]] | None = None,
    *,
    outcome: Outcome = Outcome.ANSWERED,
    reason: Reason = Reason.NONE,
    as_of: datetime = NOW - timedelta(hours=1),
) -> AgencyAnswers:
    member_ids = next(ask.member_ids for ask in opened.plan if ask.agency is agency)
    records = {member_id: list((found or {}).get((agency, int(member_id[-2:])), ())) for member_id in member_ids}
    return AgencyAnswers(
        event_id=new_event_id(),
        occurred_at=NOW,
        agency=agency,
        batch_id="call_1",
        of_partition=0,
        items=[
            AnswerItem(
                check_id=opened.check_id,
                application_id=opened.application_id,
                as_of=as_of,
                leaf_hash=f"{agency:x>64}"[:64],
                answered=tuple(member_ids) if outcome is Outcome.ANSWERED else (),
                unanswered=[]
                if outcome is Outcome.ANSWERED
                else [Unanswered(member_id=member_id, outcome=outcome, reason=reason) for member_id in member_ids],
            )
        ],
        private=Findings(
            items=[[MemberRecords(member_id=one, records=tuple(held)) for one, held in records.items() if held]]
        ),
    )


def together(events: Iterable[AgencyAnswers]) -> list[AgencyAnswers]:
    """The same answers, one event per agency for all households."""
    by_agency: dict[Agency, list[AgencyAnswers]] = {}
    for event in events:
        by_agency.setdefault(event.agency, []).append(event)
    return [
        replace(
            group[0],
            event_id=new_event_id(),
            items=[event.items[0] for event in group],
            private=Findings(items=[event.private.items[0] for event in group]),
        )
        for group in by_agency.values()
    ]


def silent(opened: CheckOpened, agency: Agency, reason: Reason = Reason.ERROR) -> AgencySilent:
    return AgencySilent(
        event_id=new_event_id(),
        occurred_at=NOW,
        agency=agency,
        of_partition=0,
        items=[SilentItem(check_id=opened.check_id, application_id=opened.application_id, reason=reason)],
    )


def withdrawn(fact: ApplicationSubmitted) -> ApplicationWithdrawn:
    return ApplicationWithdrawn(
        event_id=new_event_id(), occurred_at=NOW, application_id=fact.application_id, office=fact.office
    )


def consent_withdrawn(fact: ApplicationSubmitted, place: int) -> ConsentWithdrawn:
    return ConsentWithdrawn(
        event_id=new_event_id(),
        occurred_at=NOW,
        application_id=fact.application_id,
        office=fact.office,
        member_id=fact.members[place].member_id,
    )
