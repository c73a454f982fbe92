"""Draws with their populations, spot checks and their results, all written once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from chassis import sql
from chassis.transaction import Transaction
from services.approval.domain.spot_checks import Candidate, Drawn, Result

_HOLD = "select pg_advisory_xact_lock(hashtext('hedui.draw'), hashtext($1))"

_HEAD = "select seq, head from audit_seal order by seq desc limit 1"

# An applicant is drawn from once the township has written an opinion, and once only.
_CANDIDATES = """
select case_id, is_doubtful, is_near_relative from cases
where office = $1 and exists (select from opinions where opinions.case_id = cases.case_id)
    and not exists (select from draw_population where draw_population.case_id = cases.case_id)
order by case_id
limit $2
"""

_DRAW = """
insert into draws (draw_id, office, percent, seal, head, seed, drawn_by, drawn_at)
values ($1, $2, $3, $4, $5, $6, $7, $8)
"""
_POPULATION = """
insert into draw_population (case_id, draw_id, office, is_doubtful, is_near_relative)
select case_id, $4, $5, is_doubtful, is_near_relative
from unnest($1::text[], $2::boolean[], $3::boolean[]) as t (case_id, is_doubtful, is_near_relative)
"""
_SPOT_CHECKS = """
insert into spot_checks (spot_check_id, case_id, why, draw_id, office)
select *, $4, $5 from unnest($1::text[], $2::text[], $3::text[])
"""

_ONE_DRAW = """
select draw_id, office, percent, seal, head, seed, drawn_at from draws
where draw_id = $1 and office >= $2 and office < $3
"""
_POPULATION_OF = """
select case_id, is_doubtful, is_near_relative from draw_population where draw_id = $1 order by case_id
"""

_LINES = """
select s.spot_check_id, s.draw_id, s.case_id, s.office, s.why, r.look, r.found, r.rectify_by
from spot_checks s join cases c using (case_id) left join spot_check_results r using (spot_check_id)
"""
_OF_DRAW = _LINES + "where s.draw_id = $1 order by s.spot_check_id"
_ONE = _LINES + "where s.spot_check_id = $1 and s.office >= $2 and s.office < $3 and not ($4 = any (c.excluded))"
_PAGE = (
    _LINES
    + """
where s.office >= $1 and s.office < $2 and not ($3 = any (c.excluded)) and s.spot_check_id > $4
    and ($5::boolean is null or (r.found is not null) = $5)
order by s.spot_check_id
limit $6
"""
)

_RESULT = """
insert into spot_check_results (spot_check_id, case_id, office, look, found, rectify_by, checked_by, checked_at, note)
values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
on conflict (spot_check_id) do nothing
"""


class Draw(NamedTuple):
    """A draw, with what it takes to make it again."""

    draw_id: str
    office: str
    percent: int
    seal: int
    head: bytes
    seed: bytes
    drawn_at: datetime


class Drawing(NamedTuple):
    """A draw whole: its seed, whom it looked at, whom it took."""

    draw: Draw
    population: list[Candidate]
    lines: list[Line]


class Line(NamedTuple):
    """A spot check, with its result where there is one."""

    spot_check_id: str
    draw_id: str
    case_id: str
    office: str
    why: str
    look: str | None
    found: str | None
    rectify_by: date | None


async def hold(tx: Transaction, office: str) -> None:
    """One draw of an office at a time."""
    await sql.fetchval(tx, _HOLD, office)


async def newest_head(tx: Transaction) -> tuple[int, bytes] | None:
    """Number and head of the audit trail's newest seal; None before the first."""
    row = await sql.fetchrow(tx, _HEAD)
    return (row[0], row[1]) if row else None


async def candidates(tx: Transaction, office: str, *, limit: int) -> list[Candidate]:
    """Applicants of this very office that were in no draw yet, the oldest first."""
    return [Candidate(*row) for row in await sql.fetch(tx, _CANDIDATES, office, limit)]


async def add(
    tx: Transaction, draw: Draw, population: Sequence[Candidate], drawn: Sequence[tuple[str, Drawn]], *, by: str
) -> None:
    """Keep a draw, whom it looked at, and whom it took (spot check id, drawn)."""
    await sql.execute(
        tx, _DRAW, draw.draw_id, draw.office, draw.percent, draw.seal, draw.head, draw.seed, by, draw.drawn_at
    )
    await sql.execute(
        tx,
        _POPULATION,
        [one.case_id for one in population],
        [one.is_doubtful for one in population],
        [one.is_near_relative for one in population],
        draw.draw_id,
        draw.office,
    )
    await sql.execute(
        tx,
        _SPOT_CHECKS,
        [spot_check_id for spot_check_id, _ in drawn],
        [one.case_id for _, one in drawn],
        [one.why.value for _, one in drawn],
        draw.draw_id,
        draw.office,
    )


async def get_draw(tx: Transaction, draw_id: str) -> Drawing | None:
    """A draw with its population and sample, if the caller's range holds it."""
    row = await sql.fetchrow(tx, _ONE_DRAW, draw_id, *tx.caller.reach)
    if row is None:
        return None
    population = [Candidate(*one) for one in await sql.fetch(tx, _POPULATION_OF, draw_id)]
    lines = [Line(*one) for one in await sql.fetch(tx, _OF_DRAW, draw_id)]
    return Drawing(Draw(*row), population, lines)


async def get(tx: Transaction, spot_check_id: str) -> Line | None:
    row = await sql.fetchrow(tx, _ONE, spot_check_id, *tx.caller.reach, tx.caller.subject)
    return Line(*row) if row else None


async def page(tx: Transaction, *, after: str, done: bool | None, limit: int) -> list[Line]:
    """Spot checks within the caller's range, by id, beyond `after`."""
    rows = await sql.fetch(tx, _PAGE, *tx.caller.reach, tx.caller.subject, after, done, limit)
    return [Line(*row) for row in rows]


async def add_result(tx: Transaction, line: Line, result: Result, *, by: str, now: datetime) -> bool:
    """Keep what was found; False where a result stands already."""
    note = tx.seal(result.note.encode(), f"spot_check_results.note:{line.spot_check_id}") if result.note else None
    return bool(
        await sql.execute(
            tx,
            _RESULT,
            line.spot_check_id,
            line.case_id,
            line.office,
            result.look.value,
            result.found.value,
            result.rectify_by,
            by,
            now,
            note,
        )
    )
