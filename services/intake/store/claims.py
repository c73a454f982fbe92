"""Which open application claims which person: one at most per kind of aid, whoever asks and however many at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from chassis import sql
from chassis.transaction import Transaction
from services.intake.domain.application import Application, member_id_of

# Offered in the order of the key, so that two batches naming the same persons never block each other in a ring.
# The unique index counts rows that the caller's range does not show.
_CLAIM = """
insert into member (member_id, application_id, office, aid, person_key)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::bytea[])
on conflict (person_key, aid) where is_open do nothing
returning member_id
"""

_DROP = "delete from member where member_id = any($1::text[])"

_RELEASE = "update member set is_open = false where member_id = any($1::text[])"

_HOLDERS = """
select person_key, aid, application_id from member
where is_open and person_key = any($1::bytea[]) and office >= $2 and office < $3
"""


class Claim(NamedTuple):
    """A member of an application that wants to be taken."""

    member_id: str
    application_id: str
    office: str
    aid: str
    person_key: bytes


async def claim(tx: Transaction, claims: Sequence[Claim]) -> set[str]:
    """Claim every person that no open application for the same aid has; the ids of the members that got theirs."""
    ordered = sorted(claims, key=lambda one: (one.person_key, one.aid))
    rows = await sql.fetch(tx, _CLAIM, *zip(*ordered, strict=True)) if ordered else []
    return {row[0] for row in rows}


def ids_of(application: Application) -> list[str]:
    """The ids of its members, in their order."""
    count = len(application.submission.members)
    return [member_id_of(application.application_id, place) for place in range(count)]


async def drop(tx: Transaction, member_ids: Sequence[str]) -> None:
    """Forget the claims of applications that are not taken after all."""
    await sql.execute(tx, _DROP, member_ids)


async def release(tx: Transaction, application: Application) -> None:
    """The application is no longer open: its persons may apply again."""
    await sql.execute(tx, _RELEASE, ids_of(application))


async def holders(tx: Transaction, person_keys: Sequence[bytes]) -> dict[tuple[bytes, str], str]:
    """The open applications within the caller's range that hold these persons: (person key, aid) -> application id."""
    rows = await sql.fetch(tx, _HOLDERS, person_keys, *tx.caller.reach)
    return {(row["person_key"], row["aid"]): row["application_id"] for row in rows}
