"""Whom a check asks about whom (R-066)."""

from __future__ import annotations

import pytest

from contracts.vocabulary import Agency, Area, Relation
from services.verification.domain.household import Question
from services.verification.domain.plan import count_cells, plan, without
from tests.unit.verification.builders import a_couple_with_a_child, a_member, a_policy


def agencies(*members: object, area: Area) -> dict[Agency, tuple[str, ...]]:
    return dict(plan(members, area, a_policy()))  # type: ignore[arg-type]


@pytest.mark.policy("R-066")
def test_a_rural_household_is_checked_for_machines_and_in_the_poverty_register() -> None:
    rural, urban = (agencies(*a_couple_with_a_child(), area=area) for area in (Area.RURAL, Area.URBAN))
    assert set(rural) - set(urban) == {Agency.AGRICULTURAL_MACHINERY, Agency.POVERTY_REGISTER}


@pytest.mark.policy("R-066")
def test_the_federation_is_asked_about_declared_disability_alone() -> None:
    members = (a_member("m1"), a_member("m2", Relation.SPOUSE, disability_grade=2))
    assert agencies(*members, area=Area.URBAN)[Agency.DISABLED_FEDERATION] == ("m2",)
    assert Agency.DISABLED_FEDERATION not in agencies(a_member(), area=Area.URBAN)


@pytest.mark.policy("R-066")
def test_children_are_asked_about_at_the_bank_but_not_at_the_tax_office() -> None:
    asked = agencies(*a_couple_with_a_child(), area=Area.URBAN)
    assert asked[Agency.BANK] == ("m1", "m2", "m3")
    assert asked[Agency.TAX] == ("m1", "m2")


@pytest.mark.policy("R-066")
def test_questions_keep_the_order_of_the_vocabulary_and_of_the_members() -> None:
    questions = plan(a_couple_with_a_child(), Area.RURAL, a_policy())
    order = list(Agency)
    assert [order.index(one.agency) for one in questions] == sorted(order.index(one.agency) for one in questions)
    assert count_cells(questions) == sum(len(one.member_ids) for one in questions)


@pytest.mark.policy("R-066")
def test_without_consent_nobody_is_asked() -> None:
    questions = (Question(Agency.TAX, ("m1",)), Question(Agency.BANK, ("m1", "m2")))
    assert without(questions, {"m1"}) == (Question(Agency.BANK, ("m2",)),)
    assert without(questions, ()) == questions
