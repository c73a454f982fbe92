"""What batches of answers brought, sealed, one row per batch and check; never changed."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from chassis import sql
from chassis.transaction import Transaction
from services.verification.domain.merge import Reply
from services.verification.store.checks import Check
from services.verification.store.filing import file_replies, unfile_replies

_ADD = """
insert into arrivals (check_id, batch, office, content)
select check_id, $1::uuid, office, content from unnest($2::text[], $3::text[], $4::bytea[]) as t (check_id, office,
content)
"""

_OF = "select check_id, batch, content from arrivals where check_id = any($1::text[]) and batch <> $2::uuid"

_NO_BATCH = UUID(int=0)


async def add(tx: Transaction, batch: UUID, checks: Sequence[Check], replies: Mapping[str, Sequence[Reply]]) -> None:
    """Keep what one batch brought about each of these checks."""
    if checks:
        await sql.execute(
            tx,
            _ADD,
            batch,
            [check.check_id for check in checks],
            [check.office for check in checks],
            [tx.seal(file_replies(replies[check.check_id]), _place(check.check_id, batch)) for check in checks],
        )


async def of_checks(tx: Transaction, check_ids: Collection[str], *, but: UUID = _NO_BATCH) -> dict[str, list[Reply]]:
    """All replies about each check, without those of the batch `but`."""
    replies: dict[str, list[Reply]] = {check_id: [] for check_id in check_ids}
    for check_id, batch, content in await sql.fetch(tx, _OF, list(check_ids), but):
        replies[check_id].extend(unfile_replies(tx.open(content, _place(check_id, batch))))
    return replies


def _place(check_id: str, batch: UUID) -> str:
    return f"arrivals.content:{check_id}/{batch}"
