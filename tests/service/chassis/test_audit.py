"""The audit trail: chained, and anchored outside, so that even the owner of the database cannot rewrite it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from chassis import sql
from chassis.audit import Anchors, Seal, TrailBroken, digest_of, seal_audit, verify_audit
from chassis.service import Service
from chassis.transaction import Transaction
from contracts.audit import Act
from tests.service.chassis.conftest import Open
from tests.service.chassis.note_service import CLERK, NAME, SYSTEM
from tests.service.chassis.waiting import until
from tests.testbed import TestBed

NOW = datetime(2026, 11, 21, 8, tzinfo=UTC)
SEALS = 4


@pytest.fixture
async def bed(open_bed: Open) -> TestBed:
    return await open_bed(Service(name=NAME))


async def act(bed: TestBed, *subjects: str) -> None:
    async with bed.database.transaction(CLERK) as tx:
        for subject in subjects:
            tx.audit(Act.FLAG_READ, subject, CLERK.org, {"code": "AST-08"})


async def quiet(bed: TestBed) -> None:
    """Returns when no transaction older than the newest record is open anywhere on the server: all can be sealed."""

    async def has_ended() -> bool:
        return not await bed.rows("select 1 from audit where xid >= pg_snapshot_xmin(pg_current_snapshot()) limit 1")

    await until(has_ended)


async def seal(bed: TestBed) -> None:
    async with bed.database.transaction(SYSTEM) as tx:
        await seal_audit(tx, now=NOW)


async def verify(bed: TestBed) -> list[str]:
    async with bed.database.transaction(SYSTEM) as tx:
        return await verify_audit(tx, tx.of(Anchors))


async def sealed_trail(bed: TestBed) -> None:
    """Four seals over twelve records."""
    for number in range(SEALS):
        await act(bed, f"flag_{number}a", f"flag_{number}b")
        await act(bed, f"flag_{number}c")
        await quiet(bed)
        await seal(bed)


async def test_a_whole_trail_verifies(bed: TestBed) -> None:
    await sealed_trail(bed)
    await act(bed, "not sealed yet")

    assert await verify(bed) == []
    assert [row["records"] for row in await bed.rows("select records from audit_seal order by seq")] == [3] * SEALS
    assert len(bed.site.anchor_file.read_text().splitlines()) == SEALS


async def test_nothing_new_makes_no_seal(bed: TestBed) -> None:
    await act(bed, "flag_1")
    await quiet(bed)
    for _ in range(3):
        await seal(bed)

    assert len(await bed.rows("select 1 from audit_seal")) == 1


async def test_what_commits_late_is_sealed_late_and_not_missed(bed: TestBed) -> None:
    written, may_commit = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with bed.database.transaction(CLERK) as tx:
            await sql.execute(tx, "insert into effect (case_id) values ('app_1')")  # takes its transaction id now
            written.set()
            await may_commit.wait()
            tx.audit(Act.FLAG_READ, "late", CLERK.org)

    late = asyncio.create_task(slow())
    await written.wait()
    await act(bed, "quick")
    await seal(bed)
    may_commit.set()
    await late
    await act(bed, "after")
    await quiet(bed)
    await seal(bed)

    assert sum(row["records"] for row in await bed.rows("select records from audit_seal")) == 3
    assert await verify(bed) == []


async def edit(superuser: asyncpg.Connection) -> None:
    await superuser.execute("update audit set details = '{\"code\":\"AST-09\"}' where subject = 'flag_1a'")


async def change_the_actor(superuser: asyncpg.Connection) -> None:
    await superuser.execute("update audit set actor = 'user:somebody' where subject = 'flag_3c'")


async def back_date(superuser: asyncpg.Connection) -> None:
    await superuser.execute("update audit set at = at - interval '1 day' where subject = 'flag_2b'")


async def delete(superuser: asyncpg.Connection) -> None:
    await superuser.execute("delete from audit where subject = 'flag_2c'")


async def plant(superuser: asyncpg.Connection) -> None:
    await superuser.execute(
        "insert into audit (xid, at, actor, role, act, subject, office, trace, details)"
        " select xid, at, actor, role, act, 'planted', office, trace, details from audit where subject = 'flag_1a'"
    )


async def swap(superuser: asyncpg.Connection) -> None:
    await superuser.execute(
        "update audit a set subject = b.subject from audit b"
        " where (a.subject, b.subject) in (('flag_0a', 'flag_3a'), ('flag_3a', 'flag_0a'))"
    )


async def move_in_time(superuser: asyncpg.Connection) -> None:
    await superuser.execute(
        "update audit set xid = (select xid from audit where subject = 'flag_0a') where subject = 'flag_2a'"
    )


async def truncate_all(superuser: asyncpg.Connection) -> None:
    await superuser.execute("truncate audit, audit_seal")


async def drop_the_tail(superuser: asyncpg.Connection) -> None:
    await superuser.execute("delete from audit where subject like 'flag_2%' or subject like 'flag_3%'")
    await superuser.execute("delete from audit_seal where seq > 2")


async def drop_the_last_seal(superuser: asyncpg.Connection) -> None:
    await superuser.execute("delete from audit where subject = 'flag_3a'")
    await superuser.execute("delete from audit_seal where seq = 4")


async def drop_a_middle_seal(superuser: asyncpg.Connection) -> None:
    await superuser.execute("delete from audit where subject like 'flag_1%'")
    await superuser.execute("delete from audit_seal where seq = 2")


async def reuse_a_number(superuser: asyncpg.Connection) -> None:
    await superuser.execute("delete from audit_seal where seq = 3")
    await superuser.execute("update audit_seal set seq = 3 where seq = 4")


async def replay_a_head(superuser: asyncpg.Connection) -> None:
    await superuser.execute("update audit_seal set head = (select head from audit_seal where seq = 1) where seq = 4")


async def rewrite_with_a_new_chain(superuser: asyncpg.Connection) -> None:
    """The insider who knows the algorithm: every digest, link and head fits again, and only the anchors tell."""
    await superuser.execute("delete from audit where subject = 'flag_1b'")
    previous = bytes(32)
    for row in await superuser.fetch("select seq, low::text as low, high::text as high from audit_seal order by seq"):
        rows = await superuser.fetch(
            "select xid::text as xid, id, at, actor, role, act, subject, office, trace, details from audit"
            " where xid >= $1::text::xid8 and xid < $2::text::xid8 order by xid, id",
            row["low"],
            row["high"],
        )
        made = Seal(row["seq"], row["low"], row["high"], len(rows), digest_of(rows), previous)
        await superuser.execute(
            "update audit_seal set records = $2, digest = $3, previous = $4, head = $5 where seq = $1",
            made.seq,
            made.records,
            made.digest,
            made.previous,
            made.head,
        )
        previous = made.head


_CHANGED = "records were changed, added or removed"
_GONE = "anchored seals are gone"
_TORN = "the chain does not join"
_OTHER_HEAD = "the head is not the anchored one"


@pytest.mark.parametrize(
    ("tamper", "told"),
    [
        (edit, _CHANGED),
        (change_the_actor, _CHANGED),
        (back_date, _CHANGED),
        (delete, _CHANGED),
        (plant, _CHANGED),
        (swap, _CHANGED),
        (move_in_time, _CHANGED),
        (truncate_all, _GONE),
        (drop_the_tail, _GONE),
        (drop_the_last_seal, _GONE),
        (drop_a_middle_seal, _TORN),
        (reuse_a_number, _TORN),
        (replay_a_head, _OTHER_HEAD),
        (rewrite_with_a_new_chain, _OTHER_HEAD),
    ],
)
async def test_every_kind_of_tampering_is_found_at_once_and_still_after_the_next_seals(
    bed: TestBed,
    superuser: asyncpg.Connection,
    tamper: Callable[[asyncpg.Connection], Awaitable[None]],
    told: str,
) -> None:
    await sealed_trail(bed)
    assert await verify(bed) == []

    await tamper(superuser)
    assert any(told in line for line in await verify(bed))

    await act(bed, "life goes on")
    await quiet(bed)
    for _ in range(2):
        try:
            await seal(bed)
        except TrailBroken:
            break
    assert await verify(bed) != []


async def test_the_recomputed_chain_is_found_by_the_anchors_alone(bed: TestBed, superuser: asyncpg.Connection) -> None:
    """The control: what the chain by itself can see is nothing."""
    await sealed_trail(bed)
    await rewrite_with_a_new_chain(superuser)

    wrong = await verify(bed)

    assert wrong
    assert all(_OTHER_HEAD in line for line in wrong)


async def test_anchors_that_are_gone_or_changed_are_found(bed: TestBed) -> None:
    await sealed_trail(bed)
    lines = bed.site.anchor_file.read_text().splitlines()

    bed.site.anchor_file.write_text("\n".join(lines[:-1]) + "\n")
    assert await verify(bed) == ["seal 4: the head is not the anchored one"]
    forged = json.dumps(json.loads(lines[3]) | {"head": "0" * 64})
    bed.site.anchor_file.write_text("\n".join([*lines, forged]) + "\n")
    assert await verify(bed) == ["seal 4: anchored twice, with different heads"]
    bed.site.anchor_file.unlink()
    assert len(await verify(bed)) == SEALS


async def test_a_crash_between_anchor_and_commit_is_healed_by_the_very_same_seal(bed: TestBed) -> None:
    class Crash(Exception):
        pass

    async def crash() -> None:
        async with bed.database.transaction(SYSTEM) as tx:
            await seal_audit(tx, now=NOW)
            raise Crash

    await act(bed, "flag_1")
    await quiet(bed)
    await seal(bed)
    await act(bed, "flag_2")
    await quiet(bed)
    with pytest.raises(Crash):
        await crash()
    assert len(await bed.rows("select 1 from audit_seal")) == 1
    assert await verify(bed) == [], "one anchor ahead, whose records are all there, is a crash"

    await act(bed, "flag_3")
    await quiet(bed)
    for _ in range(2):
        await seal(bed)

    assert [row["records"] for row in await bed.rows("select records from audit_seal order by seq")] == [1, 1, 1]
    assert len(bed.site.anchor_file.read_text().splitlines()) == 3
    assert await verify(bed) == []


async def test_a_crash_is_no_cover_for_a_change(bed: TestBed, superuser: asyncpg.Connection) -> None:
    await sealed_trail(bed)
    await drop_the_last_seal(superuser)

    with pytest.raises(TrailBroken):
        await seal(bed)
    assert await verify(bed) == ["1 anchored seals are gone"]


async def test_an_anchor_line_broken_off_by_a_crash_does_not_swallow_the_next(bed: TestBed) -> None:
    await sealed_trail(bed)
    with bed.site.anchor_file.open("ab") as file:
        file.write(b'{"seq":5,"low":"1')

    await act(bed, "flag_5")
    await quiet(bed)
    await seal(bed)

    assert await verify(bed) == []
    assert len(bed.site.anchor_file.read_text().splitlines()) == SEALS + 2


@pytest.mark.parametrize(
    "statement",
    [
        "update audit set actor = actor",
        "delete from audit",
        "truncate audit",
        "update audit_seal set head = head",
        "delete from audit_seal",
        "truncate audit_seal",
        "alter table audit disable trigger all",
        "drop table audit",
    ],
)
async def test_the_services_own_role_cannot_change_the_trail(bed: TestBed, statement: str) -> None:
    await sealed_trail(bed)

    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await bed.rows(statement)


async def test_a_long_backlog_is_sealed_in_bounded_steps(bed: TestBed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("chassis.audit._MOST", 10)
    for number in range(12):
        await act(bed, *(f"flag_{number}_{part}" for part in range(4)))
    await act(bed, *(f"big_{part}" for part in range(30)))
    await quiet(bed)
    for _ in range(10):
        await seal(bed)

    records = [row["records"] for row in await bed.rows("select records from audit_seal order by seq")]
    assert sum(records) == 12 * 4 + 30
    assert max(records) <= 30 + 10
    assert len(records) > 3
    assert await verify(bed) == []


async def test_records_say_who_did_what_where(bed: TestBed) -> None:
    async def touch(tx: Transaction) -> None:
        tx.audit(Act.FLAG_RESOLVED, "flag_1", "cn/2307/230799/", {"finding": "true", "amount_fen": 12})

    async with bed.database.transaction(CLERK) as tx:
        await touch(tx)

    (row,) = await bed.rows("select at, actor, role, act, subject, office, details from audit")
    assert abs(row.pop("at") - bed.runtime.clock.now()) < timedelta(minutes=5)
    assert row == {
        "actor": "user:clerk",
        "role": "township_clerk",
        "act": "flag.resolved",
        "subject": "flag_1",
        "office": "cn/2307/230799/",
        "details": '{"amount_fen":12,"finding":"true"}',
    }
