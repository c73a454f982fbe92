"""Wrong packs do not start: each refusal names file, key path and remedy, and all come at once."""

from datetime import date
from typing import Any

import pytest

from policies.load import load_packs
from policies.problems import Problem
from tests.unit.policies.pack_folder import PackFolder

SURE = {"basis": "assumed", "why": "for the test"}


def only(folder: PackFolder) -> Problem:
    (problem,) = folder.problems()
    return problem


def test_untouched_copy_is_accepted(folder: PackFolder) -> None:
    assert load_packs(folder.path).regions.keys() >= {"cn", "2307", "230799", "65", "654099", "1411", "5306", "15"}


@pytest.mark.parametrize(
    ("key", "entry", "path", "what", "remedy"),
    [
        ("survey.minimum_surveyors", {"value": 2, **SURE}, "", "no key of the policy model", "min_surveyors"),
        ("surveys.min_surveyors", {"value": 2, **SURE}, "=2307.surveys", "no part of the policy model", "survey"),
        ("survey.min_surveyors", {"value": 2, **SURE, "source": "me"}, ".source", "unknown key", "remove it"),
        ("survey.min_surveyors", {"value": "2", **SURE}, ".value", "expected a whole number, found a text", "without"),
        ("survey.min_surveyors", {"value": True, **SURE}, ".value", "whole number, found true/false", "whole number"),
        ("survey.min_surveyors", {"value": 2.0, **SURE}, ".value", "found a number with a fraction", "whole percent"),
        ("survey.min_surveyors", {"value": 0, **SURE}, ".value", "0 is out of bounds", "at least 1"),
        ("survey.visit_percent", {"value": 101, **SURE}, ".value", "101 is out of bounds", "at most 100"),
        (
            "survey.signed_on_spot",
            {"value": "yes", **SURE},
            ".value",
            "expected true or false, found a text",
            "without",
        ),
        ("survey.signers", {"value": "surveyors", **SURE}, ".value", "expected a list, found a text", "[a, b]"),
        ("survey.signers", {"value": ["surveyors", "nobody"], **SURE}, ".value", "'nobody' is not one", "surveyed"),
        ("survey.signers", {"value": ["surveyors", "surveyors"], **SURE}, ".value", "names a value twice", "once"),
        ("survey.min_surveyors", {"value": None, **SURE}, ".value", "found nothing", "whole number"),
        ("survey.min_surveyors", 2, "", "expected a mapping, found a whole number", "value, basis"),
        ("assets.exempt_vehicle_types", {"value": ["tank"], **SURE}, ".value", "'tank' is not one", "motorcycle"),
        ("supplement.severe_disability_grades", {"value": [1, 5], **SURE}, ".value", "5 is out of bounds", "at most 4"),
        ("payment.ledger_cutoff_at", {"value": 750, **SURE}, ".value", "expected a time of day", '"HH:MM"'),
        ("payment.ledger_cutoff_at", {"value": "24:00", **SURE}, ".value", "expected a time of day", '"HH:MM"'),
        ("income.standard_urban_fen", {"value": 700.5, **SURE}, ".value", "money is written as 700.5", "whole fen"),
        ("income.standard_urban_fen", {"value": 700.0, **SURE}, ".value", "money is written as 700.0", "70000"),
        ("income.standard_urban_fen", {"value": 0, **SURE}, ".value", "0 is out of bounds", "at least 1"),
        ("survey.min_surveyors", {"value": 2, "basis": "rumour"}, ".basis", "'rumour' is not one", "assumed"),
        ("survey.min_surveyors", {"value": 2}, ".basis", "is missing", "add it"),
        ("survey.min_surveyors", {"value": 2, "basis": "assumed"}, ".why", "gives no reason", "why it was taken"),
        ("survey.min_surveyors", {"value": 2, **SURE, "until": date(2022, 1, 1)}, ".until", "ends before", "last day"),
        ("survey.min_surveyors", {"value": 2, **SURE, "from": "2022-07-01"}, ".from", "expected a day", "YYYY-MM-DD"),
    ],
)
def test_a_wrong_value_is_refused_by_name(
    folder: PackFolder, key: str, entry: object, path: str, what: str, remedy: str
) -> None:
    folder.set("yichun.yaml", key, entry)
    problem = only(folder)
    assert problem.file == "yichun.yaml"
    assert problem.path == (path[1:] if path.startswith("=") else f"2307.{key}{path}")
    assert what in problem.what
    assert remedy in problem.remedy


@pytest.mark.parametrize("basis", ["document", "national"])
def test_a_cited_basis_needs_document_and_section(folder: PackFolder, basis: str) -> None:
    folder.set("yichun.yaml", "survey.min_surveyors", {"value": 2, "basis": basis})
    document, section = folder.problems()
    assert (document.path, section.path) == ("2307.survey.min_surveyors.document", "2307.survey.min_surveyors.section")
    assert document.what == f"a value of basis {basis} cites no document"
    assert "YC22" in document.remedy
    assert section.what == f"a value of basis {basis} names no section"


def test_a_document_of_another_pack_is_no_citation(folder: PackFolder) -> None:
    entry = {"value": 2, "basis": "document", "document": "XJ14", "section": "二(四)"}
    folder.set("yichun.yaml", "survey.min_surveyors", entry)
    assert only(folder).what == "a value of basis document cites XJ14, which is no document of this pack"


def test_an_assumption_cannot_borrow_a_document(folder: PackFolder) -> None:
    folder.set("yichun.yaml", "survey.min_surveyors", {"value": 2, **SURE, "document": "YC22"})
    assert only(folder).path == "2307.survey.min_surveyors.document"


@pytest.mark.policy("R-190")
@pytest.mark.parametrize("area", ["urban", "rural"])
@pytest.mark.parametrize(("standard", "accepted"), [(185_999, True), (186_000, False), (186_001, False)])
def test_a_standard_is_lower_than_the_minimum_wage(
    folder: PackFolder, area: str, standard: int, accepted: bool
) -> None:
    key = f"income.standard_{area}_fen"
    folder.set("yichun.yaml", key, {"value": standard, **SURE}, region=1)
    if accepted:
        load_packs(folder.path)
        return
    problem = only(folder)
    assert (problem.file, problem.path) == ("yichun.yaml", f"230799.{key}")
    assert problem.what == f"the standard {standard} is not lower than the minimum wage 186000 (R-190)"


@pytest.mark.policy("R-190")
def test_a_minimum_wage_that_falls_below_a_standard_later_is_found_on_that_day(folder: PackFolder) -> None:
    wages = [
        {"value": 186_000, **SURE, "until": date(2026, 12, 31)},
        {"value": 60_000, **SURE, "from": date(2027, 1, 1)},
    ]
    folder.set("yichun.yaml", "income.minimum_wage_fen", wages)
    problem = only(folder)
    assert problem.path == "2307.income.standard_urban_fen"
    assert "60000" in problem.what


@pytest.mark.parametrize("end", [None, date(2026, 6, 30), date(2027, 3, 1)])
def test_periods_that_overlap_are_refused(folder: PackFolder, end: date | None) -> None:
    first = {"value": 2, **SURE, "until": end}
    second = {"value": 3, **SURE, "from": date(2026, 6, 30)}
    folder.set("yichun.yaml", "survey.min_surveyors", [first, second])
    problem = only(folder)
    assert problem.path == "2307.survey.min_surveyors"
    assert "two values overlap" in problem.what
    assert "until: 2026-06-29" in problem.remedy


def test_a_hole_between_periods_is_refused_even_where_a_parent_would_fill_it(folder: PackFolder) -> None:
    first = {"value": 2, **SURE, "until": date(2026, 6, 28)}
    second = {"value": 3, **SURE, "from": date(2026, 6, 30)}
    folder.set("yichun.yaml", "survey.min_surveyors", [first, second])
    assert only(folder).what == "no value is given from 2026-06-29 to 2026-06-29"


def test_periods_that_meet_are_accepted(folder: PackFolder) -> None:
    first = {"value": 2, **SURE, "until": date(2026, 6, 29)}
    second = {"value": 3, **SURE, "from": date(2026, 6, 30)}
    folder.set("yichun.yaml", "survey.min_surveyors", [second, first])
    load_packs(folder.path)


def test_a_value_that_ends_without_a_successor_is_a_gap(folder: PackFolder) -> None:
    folder.set("national.yaml", "report.valid_days", {"value": 90, **SURE, "until": date(2026, 12, 31)})
    problem = only(folder)
    assert (problem.file, problem.path) == ("national.yaml", "cn.report.valid_days")
    assert problem.what == "no value holds from 2027-01-01 on, here or in a parent"


def test_a_region_older_than_its_parents_values_is_a_gap(folder: PackFolder) -> None:
    def begin_early(pack: Any) -> None:
        pack["regions"][0]["from"] = date(2014, 2, 1)

    folder.edit("xinjiang.yaml", begin_early)
    problems = folder.problems()
    assert {problem.file for problem in problems} == {"xinjiang.yaml"}
    assert "65.deadlines.dibao_workdays" in {problem.path for problem in problems}


def test_a_missing_parent_is_refused(folder: PackFolder) -> None:
    folder.edit("yichun.yaml", lambda pack: pack["regions"][0].update(parent="23"))
    problem = only(folder)
    assert (problem.file, problem.path) == ("yichun.yaml", "2307.parent")
    assert problem.what == "region 23 stands in no pack"


def test_a_region_without_parent_is_refused(folder: PackFolder) -> None:
    folder.edit("yichun.yaml", lambda pack: pack["regions"][1].pop("parent"))
    assert only(folder).path == "230799.parent"


def test_regions_cannot_stand_in_a_circle(folder: PackFolder) -> None:
    folder.edit("yichun.yaml", lambda pack: pack["regions"][0].update(parent="230799"))
    assert only(folder).what == "a prefecture cannot lie in a county"


def test_a_second_nation_is_refused(folder: PackFolder) -> None:
    folder.edit("zhaotong.yaml", lambda pack: pack["regions"][0].update(level="nation", parent=None))
    assert "one region of level nation is needed" in only(folder).what


def test_a_region_in_two_files_is_refused(folder: PackFolder) -> None:
    folder.edit("zhaotong.yaml", lambda pack: pack["regions"][0].update(region="2307"))
    problem = only(folder)
    assert (problem.file, problem.what) == ("zhaotong.yaml", "the region stands in yichun.yaml too")


def test_a_code_that_yaml_reads_as_a_number_is_refused(folder: PackFolder) -> None:
    folder.edit("yichun.yaml", lambda pack: pack["regions"][0].update(region=2307))
    problem = next(one for one in folder.problems() if one.file == "yichun.yaml")
    assert problem.path == "regions[0].region"
    assert "in quotes" in problem.remedy


def test_a_key_written_twice_is_refused(folder: PackFolder) -> None:
    file = folder.path / "zhaotong.yaml"
    file.write_text(file.read_text(encoding="utf-8").replace("edition:", "pack: other\nedition:"), encoding="utf-8")
    problem = only(folder)
    assert problem.what == "the key pack stands twice"
    assert problem.path.startswith("line ")


@pytest.mark.parametrize("content", [b"pack: [", b"\xff\xfe\x00"])
def test_what_is_no_yaml_is_refused(folder: PackFolder, content: bytes) -> None:
    (folder.path / "zhaotong.yaml").write_bytes(content)
    assert only(folder).file == "zhaotong.yaml"


@pytest.mark.parametrize("content", ["", "- a\n", "pack: x\n"])
def test_a_file_of_another_shape_is_refused(folder: PackFolder, content: str) -> None:
    (folder.path / "zhaotong.yaml").write_text(content, encoding="utf-8")
    assert {problem.file for problem in folder.problems()} == {"zhaotong.yaml"}


def test_an_empty_folder_is_refused(folder: PackFolder) -> None:
    for file in folder.path.glob("*.yaml"):
        file.unlink()
    assert only(folder).what == "holds no policy pack"


@pytest.mark.parametrize(
    ("steps", "what"),
    [
        ([["acceptance"], ["survey"], ["review_opinion"], ["decision"], ["publicity"], ["payment"]], "check does not"),
        (
            [["acceptance"], ["check"], ["review_opinion"], ["decision"], ["survey"], ["publicity"], ["payment"]],
            "survey does not stand before decision",
        ),
        ([["acceptance"], ["survey", "check"], ["survey"], ["review_opinion"], ["decision"], ["payment"]], "twice"),
        ([["acceptance"], ["survey", "check"], ["review_opinion"], ["payment"], ["decision"]], "decision does not"),
    ],
)
def test_an_order_that_skips_survey_or_check_is_refused(folder: PackFolder, steps: list[list[str]], what: str) -> None:
    folder.set("yichun.yaml", "decision.steps", {"value": steps, **SURE})
    problems = folder.problems()
    assert {problem.path for problem in problems} == {"2307.decision.steps"}
    assert any(what in problem.what for problem in problems)


def test_an_appraisal_of_every_case_must_stand_among_the_steps(folder: PackFolder) -> None:
    folder.set("yichun.yaml", "appraisal.mode", {"value": "always", **SURE})
    assert only(folder).path == "2307.decision.steps"


def test_visits_before_the_decision_must_stand_among_the_steps(folder: PackFolder) -> None:
    folder.set("yichun.yaml", "spot_check.predecision_percent", {"value": 30, **SURE})
    assert "spot_check.predecision_percent is 30" in only(folder).what


def test_an_extension_is_not_shorter_than_the_limit(folder: PackFolder) -> None:
    folder.set("yichun.yaml", "deadlines.dibao_extended_workdays", {"value": 19, **SURE})
    assert only(folder).path == "2307.deadlines.dibao_extended_workdays"


def test_all_errors_of_all_files_come_at_once(folder: PackFolder) -> None:
    folder.set("yichun.yaml", "survey.min_surveyors", {"value": "two", **SURE})
    folder.set("xinjiang.yaml", "supplement.rate_percent", {"value": 0.1, **SURE})
    folder.set("national.yaml", "payment.due_day", {"value": 31, **SURE})
    folder.edit("lvliang.yaml", lambda pack: pack.update(author="somebody"))
    assert [problem.file for problem in folder.problems()] == [
        "lvliang.yaml",
        "national.yaml",
        "xinjiang.yaml",
        "yichun.yaml",
    ]
