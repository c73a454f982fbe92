"""Cases in the database. A case is locked before it is changed; each change writes the next revision."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from chassis import sql
from chassis.transaction import Transaction
from services.approval.domain.case import Case
from services.approval.domain.words import State
from services.approval.store.filing import file_case, unfile_case

# A report and a withdrawal of one application wait for each other here, whichever comes first. A row that was there
# before has been locked to be met again, which its xmax tells.
_MEET = """
insert into applications (application_id, office)
select * from unnest($1::text[], $2::text[])
on conflict (application_id) do update set application_id = excluded.application_id
returning application_id, withdrawn_at is not null, xmax <> 0
"""

_WITHDRAW = """
insert into applications (application_id, office, withdrawn_at)
select *, $3::timestamptz from unnest($1::text[], $2::text[])
on conflict (application_id) do update set withdrawn_at = coalesce(applications.withdrawn_at, excluded.withdrawn_at)
"""

_ADD = """
insert into cases (case_id, application_id, office, state, case_version, survey_round, revision, is_doubtful,
    is_near_relative, excluded, has_payee, over_at, due_on, calendar, content)
select case_id, application_id, office, 'review', 1, 1, 1, is_doubtful, false, '{}', false, null, due_on, $5, content
from unnest($1::text[], $2::text[], $3::text[], $4::boolean[], $6::date[], $7::json[])
    as t (case_id, application_id, office, is_doubtful, due_on, content)
"""

_CASE = "select state, case_version, survey_round, revision, content from cases "
_ONE = _CASE + "where case_id = $1 and office >= $2 and office < $3 and not ($4 = any (excluded))"
_LOCK = _ONE + " for no key update"
_OF_APPLICATION = _CASE + "where application_id = $1 and office >= $2 and office < $3 and not ($4 = any (excluded))"
_LOCK_APPLICATIONS = _CASE + "where application_id = any($1::text[]) order by case_id for no key update"

_PAGE = (
    _CASE
    + """
where office >= $1 and office < $2 and not ($3 = any (excluded)) and case_id > $4
    and ($5::text is null or state = $5) and ($6::date is null or due_on < $6)
order by case_id
limit $7
"""
)

_LOCK_OVER = (
    _CASE
    + """
where state = 'publicity' and has_payee and over_at <= $1
order by over_at
limit $2
for no key update skip locked
"""
)

_LOCK_MISRECKONED = (
    _CASE
    + """
where due_on is not null and calendar <> $1
order by case_id
limit $2
for no key update skip locked
"""
)

_SAVE = """
update cases set state = t.state, case_version = t.case_version, survey_round = t.survey_round, revision = t.revision,
    is_doubtful = t.is_doubtful, is_near_relative = t.is_near_relative, excluded = string_to_array(t.excluded, E'\\n'),
    has_payee = t.has_payee, over_at = t.over_at, due_on = t.due_on, calendar = $13, content = t.content
from unnest($1::text[], $2::text[], $3::int[], $4::int[], $5::int[], $6::boolean[], $7::boolean[], $8::text[],
        $9::boolean[], $10::timestamptz[], $11::date[], $12::json[])
    as t (case_id, state, case_version, survey_round, revision, is_doubtful, is_near_relative, excluded, has_payee,
        over_at, due_on, content)
where cases.case_id = t.case_id and cases.revision = t.revision - 1
"""

# The decision takes hold only on the very state, version and revision that was looked at.
_DECIDE = """
update cases set state = $5, revision = revision + 1, due_on = $6, calendar = $7, content = $8
where case_id = $1 and state = $2 and case_version = $3 and revision = $4
"""


@dataclass(frozen=True, slots=True)
class Reckoned:
    """A case with the due day of the clock that runs, None where none does."""

    case: Case
    due_on: date | None


class Met(NamedTuple):
    """Which of the applications met were withdrawn, and which approval had heard of before."""

    withdrawn: set[str]
    known: set[str]


async def meet(tx: Transaction, offices: dict[str, str]) -> Met:
    """Note these applications (id -> office) and hold them."""
    rows = await sql.fetch(tx, _MEET, *map(list, zip(*sorted(offices.items()), strict=True)))
    return Met({row[0] for row in rows if row[1]}, {row[0] for row in rows if row[2]})


async def withdraw(tx: Transaction, offices: dict[str, str], at: datetime) -> None:
    """Note that these applications (id -> office) were withdrawn, known or not, and hold them."""
    await sql.execute(tx, _WITHDRAW, *map(list, zip(*sorted(offices.items()), strict=True)), at)


async def add(tx: Transaction, new: Sequence[Reckoned], calendar: str) -> None:
    """Keep new cases. Their applications have been met and are held."""
    ordered = sorted(new, key=lambda one: one.case.case_id)
    await sql.execute(
        tx,
        _ADD,
        [one.case.case_id for one in ordered],
        [one.case.application_id for one in ordered],
        [one.case.office for one in ordered],
        [one.case.is_doubtful for one in ordered],
        calendar,
        [one.due_on for one in ordered],
        [file_case(one.case) for one in ordered],
    )


async def get(tx: Transaction, case_id: str) -> Case | None:
    """The case, if it lies in the caller's range and the caller is not excluded from it (R-142)."""
    row = await sql.fetchrow(tx, _ONE, case_id, *tx.caller.reach, tx.caller.subject)
    return _case(row) if row else None


async def lock(tx: Transaction, case_id: str) -> Case | None:
    """The same, held against every other change until the transaction ends."""
    row = await sql.fetchrow(tx, _LOCK, case_id, *tx.caller.reach, tx.caller.subject)
    return _case(row) if row else None


async def of_application(tx: Transaction, application_id: str) -> Case | None:
    row = await sql.fetchrow(tx, _OF_APPLICATION, application_id, *tx.caller.reach, tx.caller.subject)
    return _case(row) if row else None


async def lock_applications(tx: Transaction, application_ids: Collection[str]) -> list[Case]:
    """The cases there are of these applications, held."""
    if not application_ids:
        return []
    return [_case(row) for row in await sql.fetch(tx, _LOCK_APPLICATIONS, list(application_ids))]


async def lock_over(tx: Transaction, *, now: datetime, limit: int) -> list[Case]:
    """Cases whose publicity has passed and whose payee is known. Those that somebody holds wait for the next time."""
    return [_case(row) for row in await sql.fetch(tx, _LOCK_OVER, now, limit)]


async def lock_misreckoned(tx: Transaction, *, calendar: str, limit: int) -> list[Case]:
    """Cases whose due day was reckoned with another calendar."""
    return [_case(row) for row in await sql.fetch(tx, _LOCK_MISRECKONED, calendar, limit)]


async def page(
    tx: Transaction,
    *,
    after: str,
    state: State | None,
    overdue_on: date | None,
    limit: int,
) -> list[Case]:
    """Cases within the caller's range, by id, beyond `after`; those due before `overdue_on`, where it is given."""
    rows = await sql.fetch(
        tx,
        _PAGE,
        *tx.caller.reach,
        tx.caller.subject,
        after,
        state.value if state else None,
        overdue_on,
        limit,
    )
    return [_case(row) for row in rows]


async def save(tx: Transaction, changed: Sequence[Reckoned], calendar: str) -> list[Case]:
    """Write locked cases back; what is returned has the revision that was written."""
    cases = [replace(one.case, revision=one.case.revision + 1) for one in changed]
    touched = await sql.execute(
        tx,
        _SAVE,
        [one.case_id for one in cases],
        [one.state.value for one in cases],
        [one.case_version for one in cases],
        [one.survey_round for one in cases],
        [one.revision for one in cases],
        [one.is_doubtful for one in cases],
        [one.is_near_relative for one in cases],
        ["\n".join(one.excluded) for one in cases],
        [one.payee_id is not None for one in cases],
        [one.publicity.over_at if one.publicity else None for one in cases],
        [one.due_on for one in changed],
        [file_case(one) for one in cases],
        calendar,
    )
    assert touched == len(cases), "whoever saves a case has locked it"
    return cases


async def decide(tx: Transaction, before: Case, after: Reckoned, calendar: str) -> Case | None:
    """Write a decision back, if the case still stands as `before`; None where somebody was faster."""
    case = replace(after.case, revision=before.revision + 1)
    touched = await sql.execute(
        tx,
        _DECIDE,
        before.case_id,
        before.state.value,
        before.case_version,
        before.revision,
        case.state.value,
        after.due_on,
        calendar,
        file_case(case),
    )
    return case if touched else None


def _case(row: sql.Record) -> Case:
    """The content, with what rules depend on taken from the columns, where the database has watched over it."""
    state, case_version, survey_round, revision, content = row
    numbers: dict[str, Any] = {"case_version": case_version, "survey_round": survey_round, "revision": revision}
    return replace(unfile_case(content), state=State(state), **numbers)
