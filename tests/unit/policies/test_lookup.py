"""Which value is in force where and when, and what a result keeps of it."""

import subprocess
import sys
from datetime import date
from typing import Any

import pytest

from contracts.vocabulary import Basis
from policies.load import load_packs
from policies.lookup import NotInForce, UnknownRegion, policy_for
from policies.model import KEYS, Packs
from tests.unit.policies.pack_folder import POLICIES, PackFolder

TODAY = date(2026, 11, 20)
SURE = {"basis": "assumed", "why": "for the test"}


def test_a_county_inherits_from_prefecture_and_nation(packs: Packs) -> None:
    policy = policy_for(packs, "230799", TODAY)
    assert policy.deadlines.dibao_workdays == 20
    assert policy.basis("deadlines.dibao_workdays").pack_id == "yichun@2026.1"
    assert policy.income.edge_percent == 150
    assert policy.basis("income.edge_percent").pack_id == "national@2026.1"
    assert policy.pack_id == "yichun@2026.1"


def test_the_nearest_of_four_levels_wins(folder: PackFolder) -> None:
    def deepen(pack: Any) -> None:
        county = pack["regions"][1]
        pack["regions"].append({**county, "region": "650100", "parent": "6540", "values": {}})
        pack["regions"].append({**county, "region": "6540", "parent": "65", "level": "prefecture", "values": {}})
        county["parent"] = "6540"

    folder.edit("xinjiang.yaml", deepen)
    for number, value in ((0, 3), (1, 5), (3, 4)):
        folder.set("xinjiang.yaml", "survey.min_surveyors", {"value": value, **SURE}, region=number)
    packs = load_packs(folder.path)
    found = {code: policy_for(packs, code, TODAY).survey.min_surveyors for code in ("cn", "65", "6540", "654099")}
    assert found == {"cn": 2, "65": 3, "6540": 4, "654099": 5}
    # The code says another prefecture; only the parent that is written down counts.
    assert policy_for(packs, "650100", TODAY).survey.min_surveyors == 4


@pytest.mark.parametrize("region", ["2308", "230722", "230799001", "23", "", "CN"])
def test_a_region_is_never_guessed_from_its_code(packs: Packs, region: str) -> None:
    with pytest.raises(UnknownRegion, match="no policy pack holds region"):
        policy_for(packs, region, TODAY)


def test_a_day_before_the_packs_has_no_policy(packs: Packs) -> None:
    policy_for(packs, "cn", date(2021, 7, 1))
    with pytest.raises(NotInForce) as refused:
        policy_for(packs, "cn", date(2021, 6, 30))
    assert set(refused.value.keys) == set(KEYS)


@pytest.mark.parametrize(
    ("on", "value"), [(date(2026, 6, 29), 2), (date(2026, 6, 30), 3), (date(2026, 12, 31), 3), (date(2027, 1, 1), 4)]
)
def test_values_change_on_their_day(folder: PackFolder, on: date, value: int) -> None:
    periods = [
        {"value": 2, **SURE, "until": date(2026, 6, 29)},
        {"value": 3, **SURE, "from": date(2026, 6, 30), "until": date(2026, 12, 31)},
        {"value": 4, **SURE, "from": date(2027, 1, 1)},
    ]
    folder.set("yichun.yaml", "survey.min_surveyors", periods)
    assert policy_for(load_packs(folder.path), "230799", on).survey.min_surveyors == value


def test_before_a_region_rules_itself_its_parent_does(packs: Packs) -> None:
    assert policy_for(packs, "2307", date(2022, 6, 5)).deadlines.dibao_workdays == 30
    assert policy_for(packs, "2307", date(2022, 6, 6)).deadlines.dibao_workdays == 20


def test_every_value_has_a_citation(packs: Packs) -> None:
    for region in packs.regions:
        policy = policy_for(packs, region, TODAY)
        assert list(policy.citations) == list(KEYS)
        for key, citation in policy.citations.items():
            assert citation.requirement, key
            assert citation.valid_from <= TODAY
            cites = bool(citation.document and citation.section)
            assert cites != (citation.basis is Basis.ASSUMED)
            assert citation.why or cites


def test_what_no_document_gives_is_listed_as_assumed(packs: Packs) -> None:
    assumed = policy_for(packs, "230799", TODAY).assumed
    assert {"income.standard_urban_fen", "income.minimum_wage_fen", "assets.houses_max"} <= set(assumed)
    assert "deadlines.dibao_workdays" not in assumed


def test_an_unknown_key_has_no_basis(packs: Packs) -> None:
    with pytest.raises(KeyError):
        policy_for(packs, "cn", TODAY).basis("income.standard")


def test_the_hash_tells_content_and_nothing_else(packs: Packs, folder: PackFolder) -> None:
    before = policy_for(packs, "230799", TODAY)
    assert len(before.hash) == 64
    assert policy_for(load_packs(folder.path), "230799", TODAY).hash == before.hash
    assert policy_for(packs, "230799", date(2026, 3, 1)).hash == before.hash
    assert policy_for(packs, "654099", TODAY).hash != before.hash

    # Ending a value later and announcing its successor leaves today's policy what it was.
    standard = "income.standard_urban_fen"
    written = {"value": 70000, "basis": "assumed", "why": before.basis(standard).why}
    later = {"value": 75000, **SURE, "from": date(2027, 1, 1)}
    folder.set("national.yaml", standard, [{**written, "until": date(2026, 12, 31)}, later])
    announced = load_packs(folder.path)
    assert policy_for(announced, "230799", TODAY).hash == before.hash
    assert policy_for(announced, "230799", date(2027, 1, 1)).hash != before.hash

    # Another reason for the same figure is another content.
    folder.set("national.yaml", standard, {"value": 70000, **SURE})
    assert policy_for(load_packs(folder.path), "230799", TODAY).hash != before.hash


def test_domain_rooms_get_no_yaml_with_the_model() -> None:
    seen = "import sys, policies.lookup, policies.calendar, policies.model; sys.exit('yaml' in sys.modules)"
    subprocess.run([sys.executable, "-c", seen], check=True, cwd=POLICIES.parent)
