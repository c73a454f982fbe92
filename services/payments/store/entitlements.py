"""Decisions heard, entitlements, and the persons who stand in one of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

import orjson

from chassis import sql
from chassis.transaction import Transaction
from contracts.values import Month
from contracts.vocabulary import Aid, Area
from policies.words import SupplementGroup
from services.payments.domain.benefit import Beneficiary
from services.payments.domain.entitlement import EndReason, Entitlement, EntitlementState, Payee
from services.payments.store import payees

_NOTE = """
insert into decisions (application_id, office, aid, case_version, decision, decision_hash, decided_on)
select * from unnest($1::text[], $2::text[], $3::text[], $4::int[], $5::text[], $6::text[], $7::date[])
on conflict (application_id) do update set office = excluded.office, aid = excluded.aid,
    case_version = excluded.case_version, decision = excluded.decision, decision_hash = excluded.decision_hash,
    decided_on = excluded.decided_on
where excluded.case_version >= decisions.case_version
returning application_id
"""

_ENDED = EntitlementState.ENDED
"""States stand as values of their own: the index of entitlements in force would otherwise be read whole."""

_HELD = """
update entitlements set state = 'held' where application_id = any($1::text[]) and state = $2
returning entitlement_id
"""

_LIVE_AGAIN = """
update entitlements e set state = 'live'
from unnest($1::text[], $2::text[]) as told (application_id, decision_hash)
where e.application_id = told.application_id and e.state = $3 and e.decision_hash = told.decision_hash
"""

_DECISIONS = """
select application_id, case_version, decision, decision_hash from decisions where application_id = any($1::text[])
"""

_KNOWN = """
select entitlement_id, application_id, aid, case_version, since, state from entitlements
where application_id = any($1::text[]) order by entitlement_id for no key update
"""

_SAVE = """
insert into entitlements (
    entitlement_id, application_id, aid, office, region, area, certificate_id, case_version, decision_hash,
    confirmed_on, publicity_ended_on, certified_at, since, first_roster, income_fen, members, account_key, payee_key,
    payee, trace, state)
select * from unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::int[], $9::text[],
    $10::date[], $11::date[], $12::timestamptz[], $13::text[], $14::text[], $15::bigint[], $16::jsonb[], $17::bytea[],
    $18::bytea[], $19::bytea[], $20::text[], $21::text[])
on conflict (entitlement_id) do update set
    office = excluded.office, region = excluded.region, area = excluded.area,
    certificate_id = excluded.certificate_id, case_version = excluded.case_version,
    decision_hash = excluded.decision_hash, confirmed_on = excluded.confirmed_on,
    publicity_ended_on = excluded.publicity_ended_on, certified_at = excluded.certified_at, since = excluded.since,
    first_roster = excluded.first_roster, income_fen = excluded.income_fen, members = excluded.members,
    account_key = excluded.account_key, payee_key = excluded.payee_key, payee = excluded.payee,
    trace = excluded.trace, state = excluded.state, end_reason = null, ended_on = null
"""

_LET_GO = "delete from persons where entitlement_id = any($1::text[])"

_TAKE = """
insert into persons (entitlement_id, member_id, office, person_key)
select * from unnest($1::text[], $2::text[], $3::text[], $4::text[]) as t (e, m, o, p) order by p, e
on conflict do nothing
returning entitlement_id
"""

_END = """
update entitlements set state = 'ended', end_reason = $2, ended_on = $3
where entitlement_id = any($1::text[]) and state <> $4
returning entitlement_id
"""

_RELEASE = "update persons set is_live = false where entitlement_id = any($1::text[]) and is_live"

_OF_APPLICATIONS = """
select entitlement_id from entitlements where application_id = any($1::text[]) and state <> $2
order by entitlement_id for no key update
"""

_SELECT = """
select entitlement_id, application_id, aid, office, region, area, certificate_id, case_version, decision_hash,
    confirmed_on, publicity_ended_on, certified_at, since, first_roster, income_fen, members, state, trace
from entitlements
"""
_LOCK = _SELECT + "where entitlement_id = $1 for no key update"
_OF_APPLICATION = (
    _SELECT + "where application_id = $1 and office >= $2 and office < $3 order by entitlement_id limit $4"
)

_DUE = """
select entitlement_id, application_id, aid, office, region, area, certificate_id, case_version, decision_hash,
    confirmed_on, publicity_ended_on, certified_at, since, first_roster, income_fen, members, state, trace, payee,
    account_key, payee_key,
    (select coalesce(array_agg(m.month), '{}') from line_months m
        where m.entitlement_id = e.entitlement_id and not m.is_void) as settled
from entitlements e
where (office, entitlement_id) > ($1, $2) and office < $3 and state <> 'ended' and first_roster <= $4
order by office, entitlement_id limit $5
"""

_CORRECT = "update entitlements set payee = $2, account_key = $3, payee_key = $4 where entitlement_id = $1"


class Decided(NamedTuple):
    """What was last heard of an application's decision."""

    case_version: int
    decision: str
    decision_hash: str


class Known(NamedTuple):
    """An entitlement on file, as far as a newer certificate must know."""

    entitlement_id: str
    case_version: int
    since: Month
    state: EntitlementState


class Due(NamedTuple):
    """An entitlement that a roster must place or leave out, with its payee and the months that stand on rosters."""

    entitlement: Entitlement
    sealed_payee: bytes
    account_key: bytes
    payee_key: bytes
    settled: frozenset[Month]


async def note_decisions(tx: Transaction, rows: Sequence[tuple[str, str, str, int, str, str, date]]) -> set[str]:
    """Keep the last decision of each application; the applications for which it was no older one. One row each."""
    columns = [list(column) for column in zip(*rows, strict=True)]
    return {row[0] for row in await sql.fetch(tx, _NOTE, *columns)}


async def hold(tx: Transaction, application_ids: Sequence[str]) -> list[str]:
    """Entitlements that are held from now on."""
    return [row[0] for row in await sql.fetch(tx, _HELD, list(application_ids), EntitlementState.LIVE)]


async def release(tx: Transaction, decisions: Mapping[str, str]) -> None:
    """Entitlements held whose very decision (by hash) is approved again are live."""
    await sql.execute(tx, _LIVE_AGAIN, list(decisions), list(decisions.values()), EntitlementState.HELD)


async def decisions_of(tx: Transaction, application_ids: Sequence[str]) -> dict[str, Decided]:
    return {row[0]: Decided(row[1], row[2], row[3]) for row in await sql.fetch(tx, _DECISIONS, list(application_ids))}


async def known_of(tx: Transaction, application_ids: Sequence[str]) -> dict[tuple[str, str], Known]:
    """By application and aid, locked."""
    return {
        (row["application_id"], row["aid"]): Known(
            row["entitlement_id"], row["case_version"], Month.parse(row["since"]), EntitlementState(row["state"])
        )
        for row in await sql.fetch(tx, _KNOWN, list(application_ids))
    }


async def take_persons(tx: Transaction, entitlements: Sequence[Entitlement]) -> set[str]:
    """Put every member on file as standing in this entitlement; the entitlements of which somebody stands elsewhere."""
    ids = [one.entitlement_id for one in entitlements]
    await sql.execute(tx, _LET_GO, ids)
    wanted = [(one, member) for one in entitlements for member in one.members]
    taken = await sql.fetch(
        tx,
        _TAKE,
        [one.entitlement_id for one, _ in wanted],
        [member.member_id for _, member in wanted],
        [one.office for one, _ in wanted],
        [member.person_key for _, member in wanted],
    )
    got: dict[str, int] = {}
    for row in taken:
        got[row[0]] = got.get(row[0], 0) + 1
    lacking = {one.entitlement_id for one in entitlements if got.get(one.entitlement_id, 0) < len(one.members)}
    if lacking:
        await sql.execute(tx, _LET_GO, list(lacking))
    return lacking


async def save(tx: Transaction, rows: Sequence[tuple[Entitlement, Payee]]) -> None:
    """Keep entitlements as their newest certificates say."""
    ones = [one for one, _ in rows]
    await sql.execute(
        tx,
        _SAVE,
        [one.entitlement_id for one in ones],
        [one.application_id for one in ones],
        [one.aid for one in ones],
        [one.office for one in ones],
        [one.region for one in ones],
        [one.area for one in ones],
        [one.certificate_id for one in ones],
        [one.case_version for one in ones],
        [one.decision_hash for one in ones],
        [one.confirmed_on for one in ones],
        [one.publicity_ended_on for one in ones],
        [one.certified_at for one in ones],
        [str(one.since) for one in ones],
        [str(one.first_roster) for one in ones],
        [one.income_fen for one in ones],
        [_file_members(one.members) for one in ones],
        [payees.account_key(tx, payee.account.reveal()) for _, payee in rows],
        [payees.payee_key(tx, payee) for _, payee in rows],
        [payees.seal(tx, payee, _place(one.entitlement_id)) for one, payee in rows],
        [one.trace for one in ones],
        [one.state for one in ones],
    )


async def end(tx: Transaction, entitlement_ids: Sequence[str], reason: EndReason, on: date) -> list[str]:
    """End entitlements and let their persons go; those that were in force."""
    ended = [row[0] for row in await sql.fetch(tx, _END, list(entitlement_ids), reason, on, _ENDED)]
    await sql.execute(tx, _RELEASE, ended)
    return ended


async def in_force_of(tx: Transaction, application_ids: Sequence[str]) -> list[str]:
    """Ids of the applications' entitlements that have not ended, locked."""
    return [row[0] for row in await sql.fetch(tx, _OF_APPLICATIONS, list(application_ids), _ENDED)]


async def lock(tx: Transaction, entitlement_id: str) -> Entitlement | None:
    row = await sql.fetchrow(tx, _LOCK, entitlement_id)
    return _entitlement(row) if row else None


async def of_application(tx: Transaction, application_id: str, *, limit: int) -> list[Entitlement]:
    rows = await sql.fetch(tx, _OF_APPLICATION, application_id, *tx.caller.reach, limit)
    return [_entitlement(row) for row in rows]


async def due(tx: Transaction, after: tuple[str, str], high: str, roster: Month, *, limit: int) -> list[Due]:
    """Entitlements that a roster may concern, by office and id: those after these two, of offices before `high`."""
    rows = await sql.fetch(tx, _DUE, *after, high, str(roster), limit)
    return [
        Due(
            _entitlement(row),
            row["payee"],
            row["account_key"],
            row["payee_key"],
            frozenset(map(Month.parse, row["settled"])),
        )
        for row in rows
    ]


def payee_of(tx: Transaction, one: Due) -> Payee:
    return payees.unseal(tx, one.sealed_payee, _place(one.entitlement.entitlement_id))


async def correct_payee(tx: Transaction, entitlement_id: str, payee: Payee) -> None:
    """From now on rosters carry this payee."""
    sealed = payees.seal(tx, payee, _place(entitlement_id))
    keys = (payees.account_key(tx, payee.account.reveal()), payees.payee_key(tx, payee))
    await sql.execute(tx, _CORRECT, entitlement_id, sealed, *keys)


def _place(entitlement_id: str) -> str:
    return f"entitlements:{entitlement_id}"


def _file_members(members: Iterable[Beneficiary]) -> str:
    return orjson.dumps([[one.member_id, one.person_key, sorted(one.groups)] for one in members]).decode()


def _entitlement(row: Mapping[str, Any]) -> Entitlement:
    members = tuple(
        Beneficiary(member_id, person_key, frozenset(map(SupplementGroup, groups)))
        for member_id, person_key, groups in orjson.loads(row["members"])
    )
    return Entitlement(
        entitlement_id=row["entitlement_id"],
        application_id=row["application_id"],
        aid=Aid(row["aid"]),
        office=row["office"],
        region=row["region"],
        area=Area(row["area"]),
        certificate_id=row["certificate_id"],
        case_version=row["case_version"],
        decision_hash=row["decision_hash"],
        confirmed_on=row["confirmed_on"],
        publicity_ended_on=row["publicity_ended_on"],
        certified_at=row["certified_at"],
        since=Month.parse(row["since"]),
        first_roster=Month.parse(row["first_roster"]),
        income_fen=row["income_fen"],
        members=members,
        state=EntitlementState(row["state"]),
        trace=row["trace"],
    )
