"""Gathers the evidence of a run, once it has come to rest: databases, topics, the simulator's ledgers, the history."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

import orjson

from simulator.identity import person_no
from tests.chaos import rows
from tests.chaos.business import BusinessTime
from tests.chaos.evidence import (
    AnswerSaid,
    Asked,
    BankLine,
    Consent,
    Evidence,
    Stall,
    TopicRecord,
    TreasuryLine,
)
from tests.chaos.handed_in import HandedIn
from tests.chaos.history import History
from tests.chaos.stage import Stage
from tests.journeys import records

_PAGE = 10_000


async def collect(
    stage: Stage,
    clock: BusinessTime,
    history: History,
    handed_in: Iterable[HandedIn],
    stalls: Iterable[Stall],
    *,
    seed: int,
    commit: str,
    restless: Iterable[str],
) -> Evidence:
    """Everything a checker may ask for. The platform stands, and nothing is made to fail any more."""
    platform = stage.platform
    topics = [topic for service in platform.map.services for topic in platform.map.said_by(service)]
    said = await asyncio.to_thread(records.read, platform, [topic.name for topic in topics])
    recorded = await rows.withdrawals_recorded(platform, clock)
    tables = await rows.everything(platform, clock)
    return Evidence(
        seed=seed,
        commit=commit,
        history=history.actions(),
        consents=tuple(_consents(handed_in, recorded)),
        asked=tuple(await _asked(stage)),
        stalls=tuple(stalls),
        answers_said=tuple(_answers_said(said)),
        topic_records=tuple(
            TopicRecord(
                one.topic,
                one.header("type"),
                int(one.header("version")),
                one.header("id"),
                one.key.decode(),
                one.partition,
            )
            for one in said
        ),
        bank_lines=tuple(
            BankLine(row["no"], row["id"], row["month"], row["amount_fen"], row["status"])
            for row in await _book(stage, "bank")
        ),
        treasury_lines=tuple(
            TreasuryLine(row["no"], row["ref"], row["month"], row["amount_fen"])
            for row in await _book(stage, "treasury")
        ),
        restless=tuple(restless),
        **tables,
    )


def _consents(handed_in: Iterable[HandedIn], recorded: Mapping[tuple[str, int], float]) -> Iterable[Consent]:
    for one in handed_in:
        if one.application_id is None:
            continue
        given = {consent["member_ref"] for consent in one.application["consents"]}
        for place, member in enumerate(one.application["members"]):
            number = person_no(member["citizen_id"])
            assert number is not None
            yield Consent(
                one.application_id,
                number,
                member["ref"] in given,
                one.withdrawn.get(place),
                _first(recorded.get((one.application_id, place)), recorded.get((one.application_id, rows.EVERYBODY))),
            )


def _first(*instants: float | None) -> float | None:
    known = [one for one in instants if one is not None]
    return min(known) if known else None


async def _asked(stage: Stage) -> list[Asked]:
    found: list[Asked] = []
    after = 0
    while True:
        calls = (await stage.outside("/admin/ledger", after=str(after), limit=str(_PAGE)))["calls"]
        for call in calls:
            at_s = datetime.fromisoformat(call["at"]).timestamp()
            for application_id, numbers in call["asked"].items():
                found += [Asked(call["call"], call["agency"], at_s, application_id, number) for number in numbers]
        if len(calls) < _PAGE:
            return found
        after = calls[-1]["call"]


async def _book(stage: Stage, peer: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    while True:
        page = await stage.outside(f"/admin/money/ledger/{peer}", after=str(len(found)), limit=str(_PAGE))
        found += page["rows"]
        if len(page["rows"]) < _PAGE:
            return found


def _answers_said(said: Iterable[records.Recorded]) -> Iterable[AnswerSaid]:
    for record in said:
        if record.header("type") == "agency.answered":
            content = orjson.loads(record.value)
            for item in content["items"]:
                yield AnswerSaid(record.header("id"), item["check_id"], content["agency"], item["leaf_hash"])
