"""Reports and the signatures over them. Written once; the content compressed and sealed, figures in clear beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from chassis import sql
from chassis.transaction import Transaction
from services.verification.domain.report import Report, qualifies
from services.verification.store.checks import Check
from services.verification.store.filing import pack, unpack

_ADD = """
with signed as (
    insert into signatures (signature_id, signed_at, hashes, signature) values ($1, $2, $3, $4)
), told as (
    select * from unnest(
        $5::text[], $6::text[], $7::text[], $8::text[], $9::text[], $10::int[], $11::text[], $12::boolean[],
        $13::text[], $14::int[], $15::int[], $16::int[], $17::int[], $18::int[], $19::bigint[], $20::bigint[],
        $21::boolean[], $22::boolean[], $23::text[], $24::bytea[], $25::int[], $26::bytea[])
    as t (
        report_id, check_id, application_id, office, number, version, supersedes, is_partial, conclusion,
        asked, answered, silent, invalid, open_flags, income_per_head_month_fen, household_income_month_fen,
        income_qualifies, property_qualifies, policy_pack, content_hash, place, content)
), noted as (
    update checks
    set state = 'reported', version = told.version, report_id = told.report_id, open_flags = told.open_flags
    from told where checks.check_id = told.check_id
)
insert into reports (
    report_id, check_id, application_id, office, number, version, supersedes, is_partial, conclusion,
    asked, answered, silent, invalid, open_flags, income_per_head_month_fen, household_income_month_fen,
    income_qualifies, property_qualifies, policy_pack, content_hash, place, content, issued_at, signature_id)
select *, $2, $1 from told
"""

_ONE = """
select report_id, check_id, application_id, office, number, version, supersedes, issued_at, is_partial, conclusion,
    asked, answered, silent, invalid, open_flags, income_per_head_month_fen, household_income_month_fen,
    income_qualifies, property_qualifies, policy_pack, content_hash, signature_id, place, content
from reports where report_id = $1 and office >= $2 and office < $3
"""

_OF_CHECK = """
select report_id, check_id, application_id, office, number, version, supersedes, issued_at, is_partial, conclusion,
    asked, answered, silent, invalid, open_flags, income_per_head_month_fen, household_income_month_fen,
    income_qualifies, property_qualifies, policy_pack, content_hash, signature_id, place
from reports where check_id = $1 and office >= $2 and office < $3 order by version limit $4
"""

_SIGNATURE = "select signed_at, hashes, signature from signatures where signature_id = $1"


class Line(NamedTuple):
    """A report in a list: nothing that names a person."""

    report_id: str
    check_id: str
    application_id: str
    office: str
    number: str
    version: int
    supersedes: str | None
    issued_at: datetime
    is_partial: bool
    conclusion: str
    asked: int
    answered: int
    silent: int
    invalid: int
    open_flags: int
    income_per_head_month_fen: int
    household_income_month_fen: int
    income_qualifies: bool
    property_qualifies: bool
    policy_pack: str
    content_hash: bytes
    signature_id: str
    place: int


class Issued(NamedTuple):
    """A report to be kept."""

    report_id: str
    check: Check
    report: Report
    policy_pack: str


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature over the hashes, in the order of their places, of the reports issued together."""

    signature_id: str
    signed_at: datetime
    hashes: bytes
    signature: bytes


async def add(tx: Transaction, issued: Sequence[Issued], signature: Signature) -> None:
    """Keep reports that were issued and signed together, each at its place under the signature.

    Their checks, which are locked, stand as reported from then on.
    """
    reports = [one.report for one in issued]
    await sql.execute(
        tx,
        _ADD,
        signature.signature_id,
        signature.signed_at,
        signature.hashes,
        signature.signature,
        [one.report_id for one in issued],
        [one.check.check_id for one in issued],
        [one.check.application_id for one in issued],
        [one.check.office for one in issued],
        [report.number for report in reports],
        [report.version for report in reports],
        [report.supersedes for report in reports],
        [report.is_partial for report in reports],
        [str(report.conclusion) for report in reports],
        [report.coverage.asked for report in reports],
        [report.coverage.answered for report in reports],
        [report.coverage.silent for report in reports],
        [report.coverage.invalid for report in reports],
        [len(report.open_flags) for report in reports],
        [report.income.per_head_month_fen for report in reports],
        [report.income.household_month_fen for report in reports],
        [qualifies(report.conditions.income) for report in reports],
        [qualifies(report.conditions.property_rule) for report in reports],
        [one.policy_pack for one in issued],
        [bytes.fromhex(report.content_hash) for report in reports],
        list(range(len(issued))),
        [tx.seal(pack(one.report.content), _place(one.report_id)) for one in issued],
    )


async def get(tx: Transaction, report_id: str) -> tuple[Line, bytes] | None:
    """The report and its canonical content, if the caller's range holds it."""
    row = await sql.fetchrow(tx, _ONE, report_id, *tx.caller.reach)
    if row is None:
        return None
    *line, content = row
    return Line(*line), unpack(tx.open(content, _place(report_id)))


async def of_check(tx: Transaction, check_id: str, *, limit: int) -> list[Line]:
    """The versions of a check's report, the first first."""
    return [Line(*row) for row in await sql.fetch(tx, _OF_CHECK, check_id, *tx.caller.reach, limit)]


async def signature(tx: Transaction, signature_id: str) -> Signature | None:
    """It holds hashes only, and so belongs to no office."""
    row = await sql.fetchrow(tx, _SIGNATURE, signature_id)
    return Signature(signature_id, *row) if row else None


def _place(report_id: str) -> str:
    return f"reports.content:{report_id}"
