"""What the services' databases hold, as PostgreSQL's superuser sees it, in the evidence's own words."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar, cast

import asyncpg

from chassis.audit import Anchors, verify_audit
from chassis.sealing import Keyring
from chassis.site import Site
from chassis.transaction import Transaction
from deploy.local.platform import LocalPlatform
from services.adapters.store.codes import AGENCY_OF_NUMBER
from services.verification.store.filing import unfile_replies
from tests.chaos import evidence
from tests.chaos.business import BusinessTime

EVERYBODY = -1
"""In place of a member: the whole application was withdrawn."""

_TRIES = 5

_R = TypeVar("_R")


async def withdrawals_recorded(platform: LocalPlatform, clock: BusinessTime) -> dict[tuple[str, int], float]:
    """(application, place of the member or EVERYBODY) -> the real instant at which adapters recorded it."""
    found: dict[tuple[str, int], float] = {}
    async with _Reading(platform, "adapters") as reading:
        for row in await reading.rows("select application_id, member_id, withdrawn_at from consent_withdrawn"):
            place = int(row["member_id"].rsplit("_", 1)[1]) if row["member_id"] else EVERYBODY
            at_s = clock.real_s(row["withdrawn_at"])
            assert at_s is not None
            found[row["application_id"], place] = at_s
    return found


async def everything(platform: LocalPlatform, clock: BusinessTime) -> dict[str, Any]:
    """The parts of the evidence that lie in databases."""
    found: dict[str, Any] = {}
    for service, gather in (
        ("intake", _intake),
        ("verification", _verification),
        ("adapters", _adapters),
        ("approval", _approval),
        ("payments", _payments),
    ):
        async with _Reading(platform, service) as reading:
            found |= await gather(reading, clock)
    parked: list[evidence.Parked] = []
    unsent: list[evidence.Unsent] = []
    audit: list[evidence.AuditVerdict] = []
    effects: list[evidence.Effect] = []
    for service in platform.map.services:
        async with _Reading(platform, service) as reading:
            parked += await reading.all(_PARKED, evidence.Parked, service=service)
            unsent += await reading.all("select count(*) as records from outbox", evidence.Unsent, service=service)
            effects += await reading.all(_EFFECTS, evidence.Effect, service=service)
            audit.append(evidence.AuditVerdict(service, tuple(await reading.trail())))
    return found | {
        "parked": tuple(parked),
        "unsent": tuple(unsent),
        "audit": tuple(audit),
        "effects": tuple(effects),
    }


_PARKED = "select event_id::text as event_id, topic, key, type, problem from parked order by id"
_EFFECTS = """
select act, subject, count(*) as times from audit where actor like 'system:%' group by act, subject order by 1, 2
"""
_CELLS = """
select application_id, check_id, agency, attempts
from (
    select inquiry_id, agency, attempts from cell
    union all select unnest(inquiry_ids), agency, unnest(attempts) from asking
) as open join inquiry using (inquiry_id) order by 1, agency
"""
_CHECKS = """
select check_id, application_id, state, version, bit_count(planned::bit(32)) as planned,
       bit_count(ended::bit(32)) as ended, bit_count(silent::bit(32)) as silent, open_flags, opened_at
from checks order by check_id
"""
_REPORTS = """
select report_id, check_id, application_id, version, is_partial, asked, answered, silent, invalid, open_flags, issued_at
from reports order by application_id, version
"""
_CASES = """
select case_id, application_id, state, case_version, withdrawn_at,
    array(select kind from tasks where tasks.case_id = cases.case_id order by kind) as tasks
from cases join applications using (application_id) order by case_id
"""
_DECISIONS = """
select decision_id, case_id, application_id, d.case_version, outcome, encode(decision_hash, 'hex') as decision_hash
from decisions d join cases using (case_id) order by decision_id
"""
_CERTIFICATES = """
select certificate_id, case_id, application_id, c.case_version from certificates c join cases using (case_id) order by 1
"""
_ROSTERS = """
select roster_id, office, month, state, lines, total_fen,
       (select count(*) from signatures s where s.roster_id = r.roster_id) as signatures
from rosters r order by month
"""
_RECONCILIATIONS = """
select reconciliation_id, office, month, state, differences, difference_fen,
       exists (select from closings c where c.reconciliation_id = r.reconciliation_id) as is_closed
from reconciliations r order by reconciliation_id
"""


async def _intake(reading: _Reading, clock: BusinessTime) -> dict[str, Any]:
    rows = await reading.rows(
        "select application_id, number, office, state, accepted_at, withdrawn_at from application"
    )
    return {
        "applications": tuple(
            evidence.Application(
                row["application_id"],
                row["number"],
                row["office"],
                row["state"],
                clock.real_s(row["accepted_at"]),
                clock.real_s(row["withdrawn_at"]),
            )
            for row in rows
        )
    }


async def _verification(reading: _Reading, clock: BusinessTime) -> dict[str, Any]:
    return {
        "checks": tuple(
            evidence.Check(**_without(row, "opened_at"), opened_s=clock.real_s(row["opened_at"]) or 0.0)
            for row in await reading.rows(_CHECKS)
        ),
        "reports": tuple(
            evidence.Report(**_without(row, "issued_at"), issued_s=clock.real_s(row["issued_at"]) or 0.0)
            for row in await reading.rows(_REPORTS)
        ),
        "flags": await reading.all("select flag_id, application_id, code, state from flags", evidence.Flag),
        "answers_kept": tuple(
            evidence.AnswerKept(str(row["batch"]), row["check_id"], reply.agency.value, reply.leaf_hash)
            for row in await reading.rows("select check_id, batch, content from arrivals")
            for reply in unfile_replies(
                reading.open(row["content"], f"arrivals.content:{row['check_id']}/{row['batch']}")
            )
        ),
    }


async def _adapters(reading: _Reading, clock: BusinessTime) -> dict[str, Any]:
    return {
        "cells": tuple(
            evidence.Cell(**(dict(row) | {"agency": AGENCY_OF_NUMBER[row["agency"]].value}))
            for row in await reading.rows(_CELLS)
        )
    }


async def _approval(reading: _Reading, clock: BusinessTime) -> dict[str, Any]:
    return {
        "cases": tuple(
            evidence.Case(
                **_without(row, "withdrawn_at", "tasks"),
                withdrawn_s=clock.real_s(row["withdrawn_at"]),
                tasks=tuple(row["tasks"]),
            )
            for row in await reading.rows(_CASES)
        ),
        "decisions": await reading.all(_DECISIONS, evidence.Decision),
        "certificates": await reading.all(_CERTIFICATES, evidence.Certificate),
    }


async def _payments(reading: _Reading, clock: BusinessTime) -> dict[str, Any]:
    return {
        "entitlements": await reading.all(
            "select entitlement_id, application_id, certificate_id, case_version, decision_hash, state, end_reason,"
            " first_roster from entitlements order by entitlement_id",
            evidence.Entitlement,
        ),
        "rosters": await reading.all(_ROSTERS, evidence.Roster),
        "roster_lines": await reading.all(
            "select line_id, roster_id, entitlement_id, application_id, month, decision_hash, amount_fen, state,"
            " is_allocated from lines order by month, roster_id, place",
            evidence.RosterLine,
        ),
        "line_months": await reading.all(
            "select line_id, entitlement_id, month, amount_fen, is_void from line_months order by line_id, month",
            evidence.LineMonth,
        ),
        "left_out": await reading.all(
            "select roster_id, entitlement_id, application_id, reason from left_out", evidence.LeftOut
        ),
        "settlements": await reading.all(
            "select instruction_id, line_id, number, amount_fen, state, sendings from attempts order by 2, 3",
            evidence.Settlement,
        ),
        "ledger_entries": await reading.all(
            "select entry_id, movement, reference, line_id, debit, credit, amount_fen from entries order by entry_id",
            evidence.LedgerEntry,
        ),
        "ledger_sums": await reading.all(
            "select account, sum(amount_fen)::bigint as amount_fen from ledger group by account order by account",
            evidence.LedgerSum,
        ),
        "reconciliations": await reading.all(_RECONCILIATIONS, evidence.Reconciliation),
    }


@dataclass
class _Trail:
    """As much of a transaction as the verifier of the audit trail needs."""

    connection: asyncpg.Connection[Any]


class _Reading:
    """One service's database, and what its site file says about it."""

    def __init__(self, platform: LocalPlatform, service: str) -> None:
        self._dsn = platform.admin_dsn(service)
        self._file: Path = platform.site_file(service)

    async def __aenter__(self) -> _Reading:
        self._connection: asyncpg.Connection[Any] = await asyncpg.connect(self._dsn)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def rows(self, query: str) -> list[asyncpg.Record]:
        found: list[asyncpg.Record] = await self._connection.fetch(query)
        return found

    async def all(self, query: str, kind: Callable[..., _R], **more: Any) -> tuple[_R, ...]:
        """Each row as one of its kind, its columns being named like the fields."""
        return tuple(kind(**row, **more) for row in await self.rows(query))

    def open(self, sealed: bytes, place: str) -> bytes:
        keys = json.loads(self._file.read_text())["keys"]["rest"]
        ring = Keyring(keys["active"], {name: base64.b64decode(key) for name, key in keys["keys"].items()})
        return ring.open(sealed, place)

    async def trail(self) -> list[str]:
        """What is wrong with the audit trail. Its sealer is at work: a seal made while we look is looked at again."""
        site = Site.model_validate_json(self._file.read_bytes())
        wrong: list[str] = []
        for _ in range(_TRIES):
            async with self._connection.transaction(isolation="repeatable_read", readonly=True):
                tx = cast("Transaction", _Trail(self._connection))
                wrong = await verify_audit(tx, Anchors(site.anchor_file))
            if not wrong:
                break
            await asyncio.sleep(1)
        return wrong


def _without(row: asyncpg.Record, *names: str) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in names}
