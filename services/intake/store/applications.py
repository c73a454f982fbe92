"""Applications in the database: `filed` holds codes, dates, amounts; all that names a person is sealed in `people`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, NamedTuple

from chassis import sql
from chassis.transaction import Transaction
from contracts.vocabulary import ApplicationState
from services.intake.domain.application import Application, Standing
from services.intake.store.filing import file, file_notice, unfile, unfile_notice

# Offered in the order of the sender's reference, so that two batches with the same cannot block each other in a ring.
_ADD = """
insert into application (
    application_id, office, region, aid, state, client, number, external_index,
    received_at, accepted_at, accepted_on, policy_pack, notice, filed, people)
select * from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[],
    $9::timestamptz[], $10::timestamptz[], $11::date[], $12::text[], $13::json[], $14::json[], $15::bytea[])
on conflict (external_index) do nothing
returning application_id
"""

_ONE = """
select application_id, office, region, state, client, number, received_at, accepted_at, accepted_on, withdrawn_at,
    policy_pack, notice, filed, people
from application where application_id = $1 and office >= $2 and office < $3
"""

_LOCK = _ONE + "for update"

_SAVE = """
update application
set state = $2, accepted_at = $3, accepted_on = $4, withdrawn_at = $5, filed = $6, people = $7
where application_id = $1
"""

_BY_REFERENCE = """
select external_index, application_id from application
where external_index = any($1::bytea[]) and office >= $2 and office < $3
"""

_PAGE = """
select application_id, number, state, aid, office, region, received_at, accepted_on, filed ->> 'external_ref'
from application
where office >= $1 and office < $2 and application_id > $3 and ($4::text is null or state = $4)
order by application_id
limit $5
"""


class Line(NamedTuple):
    """An application in a list: nothing that names a person."""

    application_id: str
    number: str
    state: str
    aid: str
    office: str
    region: str
    received_at: datetime
    accepted_on: date | None
    external_ref: str | None


async def add(tx: Transaction, applications: Sequence[Application]) -> set[str]:
    """Keep new applications; the ids of those kept. One whose sender has used its reference before is left out."""
    rows = sorted((_row(tx, one) for one in applications), key=lambda row: row[7] or b"")
    kept = await sql.fetch(tx, _ADD, *zip(*rows, strict=True)) if rows else []
    return {row[0] for row in kept}


async def get(tx: Transaction, application_id: str) -> Application | None:
    """The application, if the caller's range holds it."""
    return _application(tx, await sql.fetchrow(tx, _ONE, application_id, *tx.caller.reach))


async def lock(tx: Transaction, application_id: str) -> Application | None:
    """The same, held against every other change until the transaction ends."""
    return _application(tx, await sql.fetchrow(tx, _LOCK, application_id, *tx.caller.reach))


async def save(tx: Transaction, application: Application) -> None:
    """Write a locked application back. The notice is never written again (R-008)."""
    filed = file(application.submission)
    standing = application.standing
    await sql.execute(
        tx,
        _SAVE,
        application.application_id,
        standing.state.value,
        standing.accepted_at,
        standing.accepted_on,
        standing.withdrawn_at,
        filed.clear,
        tx.seal(filed.personal, _place(application.application_id)),
    )


async def by_reference(tx: Transaction, refused: Sequence[Application]) -> dict[str, str]:
    """For each application left out: the earlier one of the same sender and reference, if within the caller's range."""
    sought = {one.application_id: _index(tx, one) for one in refused}
    rows = await sql.fetch(tx, _BY_REFERENCE, list(sought.values()), *tx.caller.reach)
    earlier = {row["external_index"]: row["application_id"] for row in rows}
    return {new: earlier[index] for new, index in sought.items() if index in earlier}


async def page(tx: Transaction, *, after: str, state: ApplicationState | None, limit: int) -> list[Line]:
    """Applications within the caller's range, by id, beyond `after`."""
    rows = await sql.fetch(tx, _PAGE, *tx.caller.reach, after, state.value if state else None, limit)
    return [Line(*row) for row in rows]


def _row(tx: Transaction, one: Application) -> tuple[Any, ...]:
    submission, standing = one.submission, one.standing
    filed = file(submission)
    return (
        one.application_id,
        one.office,
        one.region,
        submission.aid.value,
        standing.state.value,
        one.client,
        one.number,
        _index(tx, one),
        one.received_at,
        standing.accepted_at,
        standing.accepted_on,
        one.policy_pack,
        file_notice(one.notice),
        filed.clear,
        tx.seal(filed.personal, _place(one.application_id)),
    )


def _application(tx: Transaction, row: sql.Record | None) -> Application | None:
    if row is None:
        return None
    return Application(
        application_id=row["application_id"],
        number=row["number"],
        office=row["office"],
        region=row["region"],
        client=row["client"],
        received_at=row["received_at"],
        submission=unfile(row["filed"], tx.open(row["people"], _place(row["application_id"]))),
        standing=Standing(
            state=ApplicationState(row["state"]),
            accepted_at=row["accepted_at"],
            accepted_on=row["accepted_on"],
            withdrawn_at=row["withdrawn_at"],
        ),
        notice=unfile_notice(row["notice"]),
        policy_pack=row["policy_pack"],
    )


def _place(application_id: str) -> str:
    return f"application.people:{application_id}"


def _index(tx: Transaction, one: Application) -> bytes | None:
    """A sender's reference is free text: it is compared by its keyed index, never as a clear unique key."""
    reference = one.submission.external_ref
    return tx.blind(f"{one.client}\n{reference}") if reference else None
