"""Insurers' common platform (保险): policies by class with their cash value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.findings import InsurancePolicy, Record
from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk, Ask, Result, Subject, path_for
from services.adapters.domain.matching import UNREADABLE, all_malformed, match_entries
from services.adapters.domain.wire_values import beijing_instant, count_of, fen_of_yuan

_CLASSES: dict[str, Any] = {"01": "life", "02": "annuity", "03": "property", "04": "health"}


def question(subjects: Sequence[Subject], case_refs: Sequence[str], purpose: str) -> Ask:
    insured = [
        {"xh": subject.ref, "bbrxm": subject.name, "zjhm": subject.citizen_id, "ajbh": case}
        for subject, case in zip(subjects, case_refs, strict=True)
    ]
    return Ask(path_for(subjects), orjson.dumps({"head": {"cxyy": purpose}, "body": {"bbrlb": insured}}))


def read(raw: bytes, subjects: Sequence[Subject]) -> list[Result]:
    try:
        document = orjson.loads(raw)
        if document["head"]["fhm"] != "S":
            return all_malformed(subjects)
        as_of = beijing_instant(document["head"]["cxsj"], "%Y%m%d %H%M%S")
        entries = document["body"]["bbrlb"]
    except UNREADABLE:
        return all_malformed(subjects)
    return match_entries(subjects, entries, as_of, "xh", "zjhm", _records)


def _records(entry: dict[str, Any]) -> tuple[Record, ...]:
    policies = entry["bdlb"]
    if type(policies) is not list or count_of(entry["bdsl"]) != len(policies):
        raise ValueError("bdsl")
    return tuple(
        [InsurancePolicy(type=_CLASSES[held["xzdm"]], cash_value_fen=fen_of_yuan(held["xjjz"])) for held in policies]
    )


DESK = AgencyDesk(Agency.INSURANCE, 200, question, read)
