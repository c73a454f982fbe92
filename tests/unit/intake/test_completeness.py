"""What an application must carry, and that its list is told once."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from policies.model import Policy
from policies.words import Material
from services.intake.domain.completeness import Gap, GapKind, completed, missing, still_open
from services.intake.domain.consents import consented
from services.intake.domain.submission import Submission, withdrawn_refs
from tests.unit.intake.households import (
    TODAY,
    a_body,
    a_consent,
    a_member,
    a_signature,
    a_submission,
    handed,
    xinjiang,
    yichun,
)


def lacking(submission: Submission, policy: Policy | None = None) -> tuple[Gap, ...]:
    return missing(submission, policy or yichun(), TODAY)


def consents(**changes: dict[str, Any]) -> list[dict[str, Any]]:
    """The household's consents with those of some members changed, or left out where None."""
    given = {one["member_ref"]: one for one in a_body()["consents"]}
    return [one | changes.get(ref, {}) for ref, one in given.items() if changes.get(ref, {}) is not None]


def test_a_complete_application_lacks_nothing() -> None:
    assert lacking(a_submission()) == ()


@pytest.mark.policy("R-005")
def test_without_a_declaration_signed_by_the_applicant_it_is_incomplete() -> None:
    gap = (Gap(GapKind.SIGNED_DECLARATION, "m1"),)
    assert lacking(a_submission(signature=None)) == gap
    assert lacking(a_submission(signature=a_signature("m2"))) == gap


@pytest.mark.policy("R-001")
def test_in_xinjiang_an_applicant_who_is_not_the_head_brings_the_heads_consent() -> None:
    gap = (Gap(GapKind.HEAD_CONSENT, "m2"),)
    assert lacking(a_submission(head="m2"), xinjiang()) == gap
    assert lacking(a_submission(head="m2", head_consent=a_signature("m1")), xinjiang()) == gap
    assert lacking(a_submission(head="m2", head_consent=a_signature("m2")), xinjiang()) == ()
    assert lacking(a_submission(head="m1"), xinjiang()) == ()


@pytest.mark.policy("R-001")
def test_in_yichun_any_member_may_apply() -> None:
    assert lacking(a_submission(head="m2"), yichun()) == ()


@pytest.mark.policy("R-024")
def test_every_adult_consents_in_person() -> None:
    own = (Gap(GapKind.OWN_CONSENT, "m2"),)
    without = [one for one in a_body()["consents"] if one["member_ref"] != "m2"]
    assert lacking(a_submission(consents=without)) == own
    by_husband = consents(m2={"given_by": "m1", "guardian_relation": "spouse"})
    assert lacking(a_submission(consents=by_husband)) == own


@pytest.mark.policy("R-024")
def test_a_minor_does_not_sign_alone() -> None:
    gap = (Gap(GapKind.GUARDIAN_CONSENT, "m3"),)
    assert lacking(a_submission(consents=consents(m3={"given_by": "m3", "guardian_relation": None}))) == gap
    assert lacking(a_submission(consents=consents(m3={"guardian_relation": None}))) == gap


@pytest.mark.policy("R-024")
def test_a_guardian_is_an_adult_of_full_capacity_or_named() -> None:
    gap = (Gap(GapKind.GUARDIAN_CONSENT, "m3"),)
    outside = {"given_by": "guardian", "guardian_relation": "grandparent"}
    assert lacking(a_submission(consents=consents(m3=outside))) == gap
    assert lacking(a_submission(consents=consents(m3=outside | {"guardian_name": "李兰"}))) == ()
    members = a_body()["members"]
    members[1] |= {"relation": "sibling", "born_on": None}
    teenager = a_member("m2", 12, relation="child", employment="student", born_on=date(2009, 1, 1))
    by_teenager = consents(m3={"given_by": "m2"}, m2={"given_by": "m1", "guardian_relation": "parent"})
    assert lacking(a_submission(members=[members[0], teenager, members[2]], consents=by_teenager)) == gap


@pytest.mark.policy("R-024")
def test_for_an_adult_under_guardianship_the_guardian_signs() -> None:
    members = a_body()["members"]
    members[1]["under_guardianship"] = True
    assert lacking(a_submission(members=members)) == (Gap(GapKind.GUARDIAN_CONSENT, "m2"),)
    by_husband = consents(m2={"given_by": "m1", "guardian_relation": "spouse"})
    assert lacking(a_submission(members=members, consents=by_husband)) == ()


@pytest.mark.policy("R-024")
def test_who_comes_of_age_today_signs_in_person() -> None:
    members = a_body()["members"]
    members[2] = a_member("m3", 12, relation="child", employment="student", born_on=date(2008, 11, 21))
    unsigned = [one for one in a_body()["consents"] if one["member_ref"] != "m3"]
    assert lacking(a_submission(members=members, consents=unsigned)) == (Gap(GapKind.OWN_CONSENT, "m3"),)
    yesterday = consents(m3={"signed_on": "2026-11-20"})
    assert lacking(a_submission(members=members, consents=yesterday)) == ()
    today = consents(m3={"signed_on": "2026-11-21"})
    assert lacking(a_submission(members=members, consents=today)) == (Gap(GapKind.OWN_CONSENT, "m3"),)


@pytest.mark.policy("R-026")
def test_the_question_of_near_relatives_is_answered() -> None:
    assert lacking(a_submission(near_relatives=None)) == (Gap(GapKind.NEAR_RELATIVE_STATEMENT),)
    relative = {"member_ref": "m2", "handler": "village_cadre", "kinship": "sibling"}
    assert lacking(a_submission(near_relatives=[relative])) == ()


@pytest.mark.policy("R-006")
def test_the_checklist_follows_the_region_and_what_was_declared() -> None:
    assert lacking(a_submission(materials=[])) == (
        Gap(GapKind.MATERIAL, material=Material.IDENTITY_DOCUMENT),
        Gap(GapKind.MATERIAL, material=Material.HOUSEHOLD_REGISTER),
    )
    members = a_body()["members"]
    members[1]["disability_grade"] = 2
    spending = [{"member_ref": "m2", "kind": "medical_expenditure", "amount_fen": 5_000_000}]
    assert lacking(a_submission(members=members, declaration=spending)) == (
        Gap(GapKind.MATERIAL, material=Material.DISABILITY_CERTIFICATE),
        Gap(GapKind.MATERIAL, material=Material.EXPENSE_VOUCHERS),
    )


@pytest.mark.policy("R-008")
def test_the_list_names_everything_at_once() -> None:
    empty = a_submission(signature=None, consents=[], materials=[], near_relatives=None)
    assert [(gap.kind, gap.member_ref, gap.material) for gap in lacking(empty)] == [
        (GapKind.SIGNED_DECLARATION, "m1", None),
        (GapKind.OWN_CONSENT, "m1", None),
        (GapKind.OWN_CONSENT, "m2", None),
        (GapKind.GUARDIAN_CONSENT, "m3", None),
        (GapKind.NEAR_RELATIVE_STATEMENT, None, None),
        (GapKind.MATERIAL, None, Material.IDENTITY_DOCUMENT),
        (GapKind.MATERIAL, None, Material.HOUSEHOLD_REGISTER),
    ]


@pytest.mark.policy("R-008")
def test_a_stricter_checklist_asks_nothing_that_the_notice_did_not() -> None:
    submission = a_submission(signature=None)
    notice = lacking(submission)
    stricter = replace(
        yichun(), intake=replace(yichun().intake, materials=(*yichun().intake.materials, Material.EXPENSE_VOUCHERS))
    )
    signed = completed(submission, handed(signature=a_signature("m1")), stricter)
    assert lacking(signed, stricter) == (Gap(GapKind.MATERIAL, material=Material.EXPENSE_VOUCHERS),)
    assert still_open(notice, lacking(signed, stricter), set()) == ()


@pytest.mark.policy("R-008")
def test_coming_of_age_meanwhile_does_not_change_the_request() -> None:
    members = a_body()["members"]
    members[2] = a_member("m3", 12, relation="child", employment="student", born_on=date(2008, 12, 1))
    submission = a_submission(
        members=members, consents=[one for one in a_body()["consents"] if one["member_ref"] != "m3"]
    )
    notice = lacking(submission)
    assert notice == (Gap(GapKind.GUARDIAN_CONSENT, "m3"),)
    later = missing(submission, yichun(), date(2026, 12, 2))
    assert still_open(notice, later, set()) == (Gap(GapKind.OWN_CONSENT, "m3"),)


@pytest.mark.policy("R-024")
def test_a_consent_taken_back_is_asked_for_again_although_the_notice_did_not_name_it() -> None:
    submission = a_submission(materials=[])
    notice = lacking(submission)
    taken_back = tuple(
        replace(one, withdrawn_at=_noon()) if one.member_ref == "m2" else one for one in submission.consents
    )
    submission = replace(submission, consents=taken_back)
    assert consented(submission, yichun().household) == ["m1", "m3"]
    papers = handed(
        materials=[
            {"kind": "identity_document", "sha256": "a" * 64},
            {"kind": "household_register", "sha256": "a" * 64},
        ]
    )
    submission = completed(submission, papers, yichun())
    assert still_open(notice, lacking(submission), withdrawn_refs(submission)) == (Gap(GapKind.OWN_CONSENT, "m2"),)
    submission = completed(submission, handed(consents=[a_consent("m2")]), yichun())
    assert still_open(notice, lacking(submission), withdrawn_refs(submission)) == ()


@pytest.mark.policy("R-024")
def test_a_worse_paper_does_not_displace_one_that_stands() -> None:
    submission = a_submission(materials=[])
    worse = handed(
        consents=[a_consent("m2", given_by="m1", guardian_relation="spouse")],
        signature=a_signature("m2"),
        near_relatives=[{"member_ref": "m1", "handler": "village_cadre", "kinship": "child"}],
    )
    after = completed(submission, worse, yichun())
    assert after.consents == submission.consents
    assert after.signature == submission.signature
    assert after.near_relatives == ()


def _noon() -> Any:
    from datetime import UTC, datetime

    return datetime(2026, 11, 21, 4, tzinfo=UTC)
