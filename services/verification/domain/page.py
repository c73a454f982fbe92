"""The pieces of a report as plain values, each with its Chinese and English label. Codes, amounts in fen, ISO dates."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import cache, lru_cache
from typing import Any, Final, TypeVar

from orjson import Fragment

from contracts.findings import Record
from contracts.vocabulary import Agency, Aid, Area, Conclusion, Reason, Relation, Word
from services.verification.domain.conditions import Conditions, Test
from services.verification.domain.flags.flag import Flag
from services.verification.domain.household import Member
from services.verification.domain.income import Income
from services.verification.domain.merge import Found
from services.verification.domain.review import Resolution, Standing
from services.verification.domain.spelling import spelled
from services.verification.domain.words import Step, Text, text_of

W = TypeVar("W", bound=Word)
Page = dict[str, Any]
_NO_REASON: Final = Reason.NONE
_NO_RECORDS: Final[dict[str, int]] = {}

NOTES: Final = spelled(
    [
        {
            "zh": "本报告仅用于社会救助审核确认，不得用于其他用途；报告不作出是否给予救助的决定。",
            "en": "For the review of social assistance and no other use; the report does not decide on assistance.",
        },
        {
            "zh": "“未答复”“答复无效”不表示查无信息。",
            "en": "No answer, or an invalid one, does not mean that nothing was found.",
        },
    ]
)


@cache
def word(one: Word) -> Page:
    """A code with both labels. Shared between reports: never changed after it is made."""
    label = text_of(one)
    return {"code": str(one), "zh": label.zh, "en": label.en}


def _spelled_words(kind: type[W]) -> dict[W, Fragment]:
    return {one: spelled(word(one)) for one in kind}


AIDS: Final = _spelled_words(Aid)
AREAS: Final = _spelled_words(Area)
CONCLUSIONS: Final = _spelled_words(Conclusion)
_AGENCIES: Final = _spelled_words(Agency)
_RELATIONS: Final = _spelled_words(Relation)


def member(one: Member, name: str, citizen_id_mask: str) -> Page:
    return {
        "citizen_id": citizen_id_mask,
        "member_id": one.member_id,
        "name": name,
        "relation": _RELATIONS[one.relation],
    }


def coverage(found: Found, on: date, stale_after_days: int) -> list[Page]:
    """Per agency and answer: whose question ended how, and for which instant the answer holds."""
    oldest = on - timedelta(days=stale_after_days)
    rows: list[Page] = []
    for agency, member_ids, outcome, reason, as_of, leaf_hash, records in found.stretches():
        row: Page
        if as_of is None:
            row = {"agency": _AGENCIES[agency], "members": member_ids, "outcome": outcome.value}
        else:
            row = {
                "agency": _AGENCIES[agency],
                "as_of": as_of,
                "leaf_hash": leaf_hash,
                "members": member_ids,
                "outcome": outcome.value,
                "records": _counted(member_ids, records) if records else _NO_RECORDS,
            }
            if as_of.date() < oldest:
                row["is_stale"] = True
        if reason is not _NO_REASON:
            row["reason"] = reason.value
        rows.append(row)
    return rows


def _counted(member_ids: Iterable[str], records: Mapping[str, Sequence[Record]]) -> dict[str, int]:
    """How many records there are about each of these members; nobody without any."""
    return {one: len(held) for one in member_ids if (held := records.get(one))}


def step(one: Step) -> Page:
    (zh, en), amount_fen, basis, member_id = one
    row: Page = {"amount_fen": amount_fen, "basis": str(basis), "en": en, "zh": zh}
    if member_id:
        row["member_id"] = member_id
    return row


def flag(one: Flag) -> Page:
    """A flag with its arithmetic; what does not apply is left out."""
    row: Page = {
        "flag_id": one.flag_id,
        "code": str(one.code),
        **_texts(text_of(one.code)),
        "severity": word(one.severity),
        "member_id": one.member_id,
        "agency": word(one.agency),
        "declared": _texts(one.declared),
        "found": _texts(one.found),
        "leaf_hashes": list(one.leaf_hashes),
        "as_of": one.as_of,
        "rule": one.rule,
        "clause": one.clause,
    }
    for name in ("declared_fen", "found_fen", "difference_fen", "tolerance_fen", "declared_pieces", "found_pieces"):
        if (value := getattr(one, name)) is not None:
            row[name] = value
    if one.arithmetic:
        row["arithmetic"] = [step(line) for line in one.arithmetic]
    return row


def standing(one: Standing) -> Page:
    return flag(one.flag) | {
        "raised_at": one.raised_at,
        "state": "open" if one.is_open else "closed",
        "resolution": resolution(one.resolution) if one.resolution is not None else None,
    }


def resolution(one: Resolution) -> Page:
    opinion = one.opinion
    row: Page = {
        "finding": word(opinion.finding),
        "contact": {"at": opinion.contact.at, "way": str(opinion.contact.way)},
        "evidence": [{"kind": paper.kind, "sha256": paper.sha256} for paper in opinion.evidence],
        "note": opinion.note,
        "by": one.by,
        "at": one.at,
    }
    if opinion.found_fen is not None:
        row["found_fen"] = opinion.found_fen
    if opinion.found_pieces is not None:
        row["found_pieces"] = opinion.found_pieces
    if one.ticket is not None:
        row["ticket_id"] = one.ticket.ticket_id
    return row


def income(reckoned: Income) -> Page:
    return {
        "arithmetic": [step(line) for line in reckoned.steps],
        "declared_versus_found": [
            {
                "basis": str(basis),
                "counted_fen": counted_fen,
                "declared_fen": declared_fen,
                "en": en,
                "found_fen": found_fen,
                "member_id": member_id,
                "zh": zh,
            }
            for (zh, en), member_id, declared_fen, found_fen, counted_fen, basis in reckoned.lines
        ],
        "household_month_fen": reckoned.household_month_fen,
        "per_head_month_fen": reckoned.per_head_month_fen,
        "year_fen": reckoned.year_fen,
    }


def conditions(weighed: Conditions, reckoned: Income) -> Page:
    """The three conditions, each by itself (R-077)."""
    return {
        "registration": {"verdict": str(weighed.registration)},
        "income": {
            "verdict": str(weighed.income),
            "per_head_month_fen": reckoned.per_head_month_fen,
            "limit_fen": reckoned.limit_fen,
        },
        "property": {
            "verdict": str(weighed.property_rule),
            "tests": [_test(one) if one.declared or one.found else _nothing(one) for one in weighed.property_tests],
        },
    }


def _test(one: Test) -> Page:
    code, (zh, en), unit, declared, found, counted, limit, verdict = one
    return {
        "code": code,
        "counted": counted,
        "declared": declared,
        "en": en,
        "found": found,
        "limit": limit,
        "unit": unit,
        "verdict": str(verdict),
        "zh": zh,
    }


@lru_cache(maxsize=1024)
def _nothing(one: Test) -> Fragment:
    """Households own nothing of most sorts: these lines are alike, and are spelled once."""
    return spelled(_test(one))


def _texts(text: Text) -> Page:
    return {"zh": text.zh, "en": text.en}
