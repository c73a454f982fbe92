"""Reading is strict: a fault in an answer makes it invalid for the person it concerns, never empty or other."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from contracts.vocabulary import Agency, Reason
from services.adapters.agencies import REGISTRY
from services.adapters.domain.agency import Answered, Ask, Invalid, Subject
from services.adapters.domain.matching import MAX_RECORDS

MALFORMED = Invalid(Reason.MALFORMED)
WRONG_PERSON = Invalid(Reason.WRONG_PERSON)
LI = Subject("a", "李梅", "990101196001010019")
MA = Subject("b", "古丽娜尔·买买提", "990101198802290023")

# One answer of each agency about LI, with one record at least; MA is answered "none" where the agency has such a word.
SAMPLES: dict[Agency, Any] = {
    Agency.PUBLIC_SECURITY: {
        "fhm": "0000",
        "sjsj": "20261121113057",
        "jg": [
            {
                "xh": "a",
                "gmsfhm": LI.citizen_id,
                "cxzt": "1",
                "xmyz": "1",
                "hjxx": {"rkzt": "1", "hjqh": "230799", "hkrs": "3"},
            },
            {"xh": "b", "gmsfhm": MA.citizen_id, "cxzt": "0", "xmyz": "0", "hjxx": None},
        ],
    },
    Agency.VEHICLE: {
        "code": 200,
        "asOf": "2026-11-21T11:30:57+08:00",
        "data": [
            {
                "seq": "a",
                "ownerIdNo": LI.citizen_id,
                "total": 1,
                "vehicles": [
                    {
                        "vehicleClass": "K33",
                        "plateNo": "黑F12345",
                        "firstRegDate": "2019-03-04",
                        "assessedValue": "52000.50",
                    }
                ],
            },
            {"seq": "b", "ownerIdNo": MA.citizen_id, "total": 0, "vehicles": []},
        ],
    },
    Agency.TAX: {
        "ztdm": "00",
        "sjjzsj": "2026-11-21 11:30:57",
        "nsjl": [
            {"lsh": "a", "nsrsbh": LI.citizen_id, "jls": 1, "sdmx": [{"sdxmdm": "0101", "sre": "18000.00"}]},
            {"lsh": "b", "nsrsbh": MA.citizen_id, "jls": 0, "sdmx": []},
        ],
    },
    Agency.HOUSING: {
        "resultCode": "1",
        "dataTime": 1_795_231_857_000,
        "result": [
            {
                "no": "a",
                "certNo": LI.citizen_id,
                "hasProperty": True,
                "properties": [{"usage": "住宅", "buildArea": "82.35", "registerDate": "2012-05-03"}],
            },
            {"no": "b", "certNo": MA.citizen_id, "hasProperty": False, "properties": []},
        ],
    },
    Agency.BANK: {
        "retCode": "000000",
        "bizTime": "20261121113057",
        "custList": [
            {
                "seqNo": "a",
                "idNo": LI.citizen_id,
                "acctFlag": "Y",
                "bankList": [{"bankName": "农村信用社", "totalBalance": "1234.56", "largeOutflow6m": "0.00"}],
            },
            {"seqNo": "b", "idNo": MA.citizen_id, "acctFlag": "N", "bankList": []},
        ],
    },
    Agency.SECURITIES: {
        "status": "OK",
        "snapshot_at": "2026-11-21T03:30:57Z",
        "investors": [
            {
                "ref": "a",
                "id_number": LI.citizen_id,
                "holding_count": 1,
                "holdings": [{"market_value_fen": 40_000, "cash_fen": 0}],
            },
            {"ref": "b", "id_number": MA.citizen_id, "holding_count": 0, "holdings": []},
        ],
    },
    Agency.INSURANCE: {
        "head": {"fhm": "S", "cxsj": "20261121 113057"},
        "body": {
            "bbrlb": [
                {"xh": "a", "zjhm": LI.citizen_id, "bdsl": 1, "bdlb": [{"xzdm": "01", "xjjz": "1234.5"}]},
                {"xh": "b", "zjhm": MA.citizen_id, "bdsl": 0, "bdlb": []},
            ]
        },
    },
    Agency.HOUSING_FUND: {
        "code": 0,
        "jzsj": "2026/11/21 11:30:57",
        "zgxx": [
            {
                "bh": "a",
                "zjhm": LI.citizen_id,
                "sfkh": "是",
                "jcxx": [{"jcjs": "4100.00", "yjce": "492.00", "jczt": "正常"}],
            },
            {"bh": "b", "zjhm": MA.citizen_id, "sfkh": "否", "jcxx": []},
        ],
    },
    Agency.SOCIAL_INSURANCE: {
        "success": True,
        "asOf": "2026-11-21T11:30:57+08:00",
        "people": [
            {
                "ref": "a",
                "idCard": LI.citizen_id,
                "benefitCount": 1,
                "benefits": [{"insuranceKind": "110", "monthlyAmount": "1800.00"}],
                "contributionCount": 1,
                "contributions": [{"payBase": "4100.00", "payState": "2"}],
            },
            {
                "ref": "b",
                "idCard": MA.citizen_id,
                "benefitCount": 0,
                "benefits": [],
                "contributionCount": 0,
                "contributions": [],
            },
        ],
    },
    Agency.MARKET_REGISTRATION: {
        "fhdm": "200",
        "fhsj": "20261121113057",
        "zrr": [
            {
                "xh": "a",
                "sfzhm": LI.citizen_id,
                "ztsl": 1,
                "ztxx": [{"jslx": "FR", "djzt": "存续", "zczb": "10.500000", "clrq": "20150301"}],
            },
            {"xh": "b", "sfzhm": MA.citizen_id, "ztsl": 0, "ztxx": []},
        ],
    },
    Agency.AGRICULTURAL_MACHINERY: {
        "zhuangtai": "成功",
        "shijian": "2026-11-21 11:30:57",
        "jizhu": [
            {
                "xuhao": "a",
                "shenfenzheng": LI.citizen_id,
                "taishu": 1,
                "jiju": [{"leixing": "DT", "guzhi": "90000.00"}],
            },
            {"xuhao": "b", "shenfenzheng": MA.citizen_id, "taishu": 0, "jiju": []},
        ],
    },
    Agency.DISABLED_FEDERATION: {
        "retcode": "0",
        "cutoff": "20261121113057",
        "persons": [
            {
                "index": "a",
                "idNumber": LI.citizen_id,
                "certified": "1",
                "certificates": [{"category": "4", "level": "2", "expiryDate": "20311231"}],
            },
            {"index": "b", "idNumber": MA.citizen_id, "certified": "0", "certificates": []},
        ],
    },
    Agency.CIVIL_AFFAIRS: {
        "jgdm": "0",
        "sjsj": "2026-11-21T11:30:57",
        "hdry": [
            {
                "xh": "a",
                "sfzh": LI.citizen_id,
                "jgsl": 3,
                "hyxx": {"hyzk": "20"},
                "jzxx": [{"jzlb": "DB", "xzqh": "230799", "qsrq": "20210401"}],
                "bzxx": {"hhrq": "20250102"},
            },
            {"xh": "b", "sfzh": MA.citizen_id, "jgsl": 0, "hyxx": None, "jzxx": [], "bzxx": None},
        ],
    },
    Agency.POVERTY_REGISTER: {
        "result": "SUCCESS",
        "statDate": "2026-11-21 11:30:57",
        "rows": [
            {
                "rowId": "a",
                "idCardNo": LI.citizen_id,
                "inRegister": 1,
                "registerInfo": [{"standing": "JC", "perCapitaNetIncome": "2500.00"}],
            },
            {"rowId": "b", "idCardNo": MA.citizen_id, "inRegister": 0, "registerInfo": []},
        ],
    },
}

FREE_TEXT = {"bankName", "plateNo"}
"""Any short printable text is a bank's name or a plate."""

GARBAGE: list[Any] = [
    None,
    {},
    {"x": 1},
    ["x"],
    "",
    "�",
    "NaN",
    "-1",
    "-1.00",
    "1e3",
    "12.3456789",
    "１２",
    "1,000.00",
    " 12.00",
    "2026-02-30",
    "99999999999999999999999999",
    -1,
    10**30,
    1.5,
    "x" * 300,
    True,
    False,
]


def read(agency: Agency, document: object, subjects: tuple[Subject, ...] = (LI, MA)) -> dict[str, Any]:
    results = REGISTRY[agency].read(json.dumps(document).encode(), subjects)
    return {subject.ref: result for subject, result in zip(subjects, results, strict=True)}


def leaves(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Paths of every value in a document, containers included."""
    if path:
        yield path
    if isinstance(part, dict | list):
        for key, inner in part.items() if isinstance(part, dict) else enumerate(part):
            yield from leaves(inner, (*path, key))


def put(document: Any, path: tuple[Any, ...], value: Any) -> Any:
    changed = copy.deepcopy(document)
    part = changed
    for key in path[:-1]:
        part = part[key]
    part[path[-1]] = value
    return changed


def drop(document: Any, path: tuple[Any, ...]) -> Any:
    changed = copy.deepcopy(document)
    part = changed
    for key in path[:-1]:
        part = part[key]
    del part[path[-1]]
    return changed


def entries(agency: Agency, document: Any) -> Any:
    """The list of persons in a document."""
    path = next(path for path in leaves(document) if path[-1] == 0)
    part = document
    for key in path[:-1]:
        part = part[key]
    return part


def test_the_registry_is_the_vocabulary() -> None:
    assert set(REGISTRY) == set(Agency) == set(SAMPLES)
    assert all(desk.agency is agency for agency, desk in REGISTRY.items())


@pytest.mark.parametrize("agency", list(Agency))
def test_samples_are_answers(agency: Agency) -> None:
    results = read(agency, SAMPLES[agency])
    assert isinstance(results["a"], Answered)
    assert results["a"].records
    assert results["a"].as_of == datetime(2026, 11, 21, 3, 30, 57, tzinfo=UTC)
    assert isinstance(results["b"], Answered)
    if agency is not Agency.PUBLIC_SECURITY:
        assert results["b"].records == ()


@pytest.mark.parametrize("agency", list(Agency))
def test_garbage_anywhere_is_invalid_and_never_another_answer(agency: Agency) -> None:
    """For every value of the document in turn: LI's result is what it was, or invalid."""
    sample = SAMPLES[agency]
    plain = read(agency, sample)
    spoilt = 0
    for path in leaves(sample):
        for garbage in [] if path[-1] in FREE_TEXT else GARBAGE:
            result = read(agency, put(sample, path, garbage))
            assert set(result) == {"a", "b"}
            if result["a"] != plain["a"]:
                assert isinstance(result["a"], Invalid), (path, garbage)
                spoilt += 1
        dropped = read(agency, drop(sample, path))
        assert dropped["a"] == plain["a"] or isinstance(dropped["a"], Invalid), path
    assert spoilt > 100


@pytest.mark.parametrize("agency", list(Agency))
def test_every_field_that_is_read_is_needed(agency: Agency) -> None:
    """The samples hold only fields that are read: without any one of them somebody's answer becomes invalid."""
    sample = SAMPLES[agency]
    for path in leaves(sample):
        results = read(agency, drop(sample, path))
        assert any(isinstance(result, Invalid) for result in results.values()) or path[-1] == "xmyz", path


@pytest.mark.parametrize("agency", list(Agency))
@pytest.mark.parametrize(
    "raw",
    [b"", b"{", b"null", b"[]", b"7", b'"x"', b"{}", b"\xff\xfe", b"[" * 5_000, b'{"code":NaN}', b"<p>502</p>"],
)
def test_an_unreadable_document_is_invalid_for_everybody(agency: Agency, raw: bytes) -> None:
    assert REGISTRY[agency].read(raw, [LI, MA]) == [MALFORMED, MALFORMED]


@pytest.mark.parametrize("agency", list(Agency))
def test_the_echoed_id_decides_whose_answer_it_is(agency: Agency) -> None:
    sample = copy.deepcopy(SAMPLES[agency])
    first, second = entries(agency, sample)
    field = next(name for name, value in first.items() if value == LI.citizen_id)
    first[field], second[field] = second[field], first[field]
    assert read(agency, sample) == {"a": WRONG_PERSON, "b": WRONG_PERSON}
    first[field] = LI.citizen_id.lower() + "x"
    assert read(agency, sample)["a"] == WRONG_PERSON


@pytest.mark.parametrize("agency", list(Agency))
def test_two_entries_for_one_person_are_no_answer(agency: Agency) -> None:
    sample = copy.deepcopy(SAMPLES[agency])
    listed = entries(agency, sample)
    listed.append(copy.deepcopy(listed[0]))
    results = read(agency, sample)
    assert results["a"] == MALFORMED
    assert isinstance(results["b"], Answered)
    listed.append(copy.deepcopy(listed[0]))
    assert read(agency, sample)["a"] == MALFORMED


@pytest.mark.parametrize("agency", list(Agency))
def test_a_missing_person_is_malformed_not_empty(agency: Agency) -> None:
    sample = copy.deepcopy(SAMPLES[agency])
    del entries(agency, sample)[1]
    results = read(agency, sample)
    assert results["b"] == MALFORMED
    assert isinstance(results["a"], Answered)


def test_an_endless_list_of_records_is_refused() -> None:
    sample = copy.deepcopy(SAMPLES[Agency.TAX])
    item = {"sdxmdm": "0101", "sre": "1.00"}
    for count in (MAX_RECORDS, MAX_RECORDS + 1):
        sample["nsjl"][0].update(jls=count, sdmx=[item] * count)
        result = read(Agency.TAX, sample)["a"]
        assert (result == MALFORMED) is (count > MAX_RECORDS)


@pytest.mark.parametrize("text", ["", "x" * 61, "农行\n", 7, None, "\u202e行"])
def test_free_text_is_short_and_printable(text: object) -> None:
    sample = put(SAMPLES[Agency.BANK], ("custList", 0, "bankList", 0, "bankName"), text)
    assert read(Agency.BANK, sample)["a"] == MALFORMED


def test_amounts_are_exact() -> None:
    (vehicle,) = read(Agency.VEHICLE, SAMPLES[Agency.VEHICLE])["a"].records
    (role,) = read(Agency.MARKET_REGISTRATION, SAMPLES[Agency.MARKET_REGISTRATION])["a"].records
    (policy,) = read(Agency.INSURANCE, SAMPLES[Agency.INSURANCE])["a"].records
    (house,) = read(Agency.HOUSING, SAMPLES[Agency.HOUSING])["a"].records
    assert (vehicle.value_fen, role.capital_fen, policy.cash_value_fen, house.area_dm2) == (
        5_200_050,
        10_500_000,
        123_450,
        8_235,
    )
    assert vehicle.plate_mask == "****2345"


@pytest.mark.parametrize("agency", list(Agency))
def test_questions_and_answers_print_no_person(agency: Agency) -> None:
    ask: Ask = REGISTRY[agency].question([LI, MA], ["c1", "c2"], "dibao")
    assert ask.path == "/v1/bulk-query"
    assert REGISTRY[agency].question([LI], ["c1"], "dibao").path == "/v1/query"
    for shown in (repr(ask), repr(LI), repr(read(agency, SAMPLES[agency]))):
        for secret in (LI.citizen_id, MA.citizen_id, LI.name, MA.name, "农村信用社"):
            assert secret not in shown


def test_a_case_for_every_subject() -> None:
    for desk in REGISTRY.values():
        with pytest.raises(ValueError, match="shorter"):
            desk.question([LI, MA], ["c1"], "dibao")


@pytest.mark.parametrize("count", [True, 1.0, "1", None])
def test_a_count_is_a_whole_number(count: object) -> None:
    sample = put(SAMPLES[Agency.TAX], ("nsjl", 0, "jls"), count)
    assert read(Agency.TAX, sample)["a"] == MALFORMED
