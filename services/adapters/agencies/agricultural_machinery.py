"""Agricultural machinery supervision (农机): machines and vessels with their assessed value."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import orjson

from contracts.findings import Machine, Record
from contracts.vocabulary import Agency
from services.adapters.domain.agency import AgencyDesk, Ask, Result, Subject, path_for
from services.adapters.domain.matching import UNREADABLE, all_malformed, match_entries
from services.adapters.domain.wire_values import beijing_instant, count_of, fen_of_yuan

_CLASSES: dict[str, Any] = {"DT": "large_tractor", "SG": "harvester", "CB": "vessel", "XT": "small_tractor"}


def question(subjects: Sequence[Subject], case_refs: Sequence[str], purpose: str) -> Ask:
    owners = [
        {"xuhao": subject.ref, "xingming": subject.name, "shenfenzheng": subject.citizen_id, "anjian": case}
        for subject, case in zip(subjects, case_refs, strict=True)
    ]
    return Ask(path_for(subjects), orjson.dumps({"yongtu": purpose, "jizhu": owners}))


def read(raw: bytes, subjects: Sequence[Subject]) -> list[Result]:
    try:
        document = orjson.loads(raw)
        if document["zhuangtai"] != "成功":
            return all_malformed(subjects)
        as_of = beijing_instant(document["shijian"], "%Y-%m-%d %H:%M:%S")
        entries = document["jizhu"]
    except UNREADABLE:
        return all_malformed(subjects)
    return match_entries(subjects, entries, as_of, "xuhao", "shenfenzheng", _records)


def _records(entry: dict[str, Any]) -> tuple[Record, ...]:
    machines = entry["jiju"]
    if type(machines) is not list or count_of(entry["taishu"]) != len(machines):
        raise ValueError("taishu")
    return tuple(
        [Machine(type=_CLASSES[machine["leixing"]], value_fen=fen_of_yuan(machine["guzhi"])) for machine in machines]
    )


DESK = AgencyDesk(Agency.AGRICULTURAL_MACHINERY, 200, question, read)
