"""Faults planted in the first half of a run and in what it left behind: each breaks one rule."""

from __future__ import annotations

from typing import NamedTuple

from tests.chaos.checkers import Checker, Invariant
from tests.chaos.checkers.applications import check_applications
from tests.chaos.checkers.asked_for import check_asked_for, check_results
from tests.chaos.checkers.cells import check_cells
from tests.chaos.checkers.consent import check_consent
from tests.chaos.checkers.decisions import check_decisions
from tests.chaos.checkers.effects import check_effects
from tests.chaos.checkers.rest import check_parked, check_rest, check_trails
from tests.chaos.checkers.topics import check_topics
from tests.chaos.evidence import (
    AnswerKept,
    Application,
    Asked,
    Cell,
    Effect,
    Parked,
    Stall,
)
from tests.unit.chaos.history import (
    COUNTY,
    OFFICE,
    PAID,
    REFUSED,
    WITHDRAWN,
    act,
    told,
)
from tests.unit.chaos.planting import Plant, again, both, gone, more, row

LOST, DOUBLED, UNASKED_FOR = Invariant.LOST, Invariant.DOUBLED, Invariant.UNASKED_FOR
INCOMPLETE, UNFOUNDED, BOOKS_DIFFER = Invariant.INCOMPLETE, Invariant.UNFOUNDED, Invariant.BOOKS_DIFFER


class Planted(NamedTuple):
    checker: Checker
    plant: Plant
    invariant: Invariant
    subject: str
    says: str


GHOST = more("applications", Application("app_ghost", "no-9", OFFICE, "accepted", 1.0, None))
FLOW = [
    Planted(check_applications, gone("applications"), LOST, PAID, "not on file"),
    Planted(check_applications, row("applications", 2, withdrawn_s=None), LOST, WITHDRAWN, "withdrawal is not on file"),
    Planted(check_applications, again("history", key="another key"), DOUBLED, PAID, "2 keys"),
    Planted(check_applications, again("applications"), DOUBLED, PAID, "2 times on file"),
    Planted(check_applications, gone("checks"), LOST, PAID, "never checked"),
    Planted(check_applications, again("checks", check_id="chk_other"), DOUBLED, PAID, "2 checks"),
    Planted(check_applications, row("checks", version=2), LOST, PAID, "versions [2] are missing"),
    Planted(check_applications, again("reports", report_id="rep_other"), DOUBLED, PAID, "report versions [1, 1]"),
    Planted(check_applications, again("reports", version=2), DOUBLED, PAID, "report versions [1, 2] of 1"),
    Planted(check_applications, row("checks", 2, state="reported"), LOST, WITHDRAWN, "never reached the check"),
    Planted(check_applications, row("checks", state="open"), LOST, PAID, "never reported"),
    Planted(check_applications, both(row("checks", version=0), gone("reports")), LOST, PAID, "the check is reported"),
    Planted(check_applications, gone("cases"), LOST, PAID, "no case opened"),
    Planted(check_applications, again("cases", case_id="case_other"), DOUBLED, PAID, "2 cases"),
    Planted(check_applications, row("cases", 1, state="closed"), LOST, REFUSED, "nobody withdrew"),
    Planted(check_applications, row("cases", 2, state="review"), LOST, WITHDRAWN, "never reached the case"),
]

ASKED_FOR = [
    *(
        Planted(check_asked_for, both(plant, GHOST), UNASKED_FOR, "app_ghost", "left open")
        for plant in (
            more("history", act("survey", "s", application_id="app_ghost")),
            more("history", act("submit", "s", "refused", application_id="app_ghost")),
            more("history", act("survey", "s", "unknown")),
        )
    ),
    *(
        Planted(check_asked_for, both(plant, row("rosters", roster_id="ros_2")), UNASKED_FOR, "ros_2", "nobody drew up")
        for plant in (
            more("history", act("payment", "r", roster_id="ros_2")),
            more("history", act("roster", "r", "refused", roster_id="ros_2")),
            more("history", act("payment", "r", "unknown")),
        )
    ),
    Planted(check_asked_for, row("history", 4, outcome="refused"), UNASKED_FOR, WITHDRAWN, "nobody asked for"),
    Planted(
        check_asked_for,
        more("applications", Application("app_ghost", "no-9", OFFICE, "accepted", 1.0, None)),
        UNASKED_FOR,
        "app_ghost",
        "0 submissions left open",
    ),
    Planted(check_asked_for, gone("history", 4), UNASKED_FOR, WITHDRAWN, "nobody asked for"),
    Planted(check_asked_for, row("checks", application_id="app_ghost"), UNASKED_FOR, "app_ghost", "never handed in"),
    Planted(check_asked_for, row("reports", check_id="chk_ghost"), UNASKED_FOR, PAID, "never checked"),
    Planted(check_asked_for, gone("reports"), UNASKED_FOR, PAID, "without a report"),
    Planted(check_asked_for, row("rosters", roster_id="ros_ghost"), UNASKED_FOR, "ros_ghost", "nobody drew up"),
    Planted(check_asked_for, again("rosters", roster_id="ros_2"), DOUBLED, COUNTY, "2 rosters"),
    Planted(
        check_results,
        row("history", 5, detail={"answers": [(201, "a"), (201, "b")]}),
        Invariant.TWO_RESULTS,
        f"case_{PAID}",
        "2 results",
    ),
    Planted(
        check_results, again("history", application_id="app_other"), Invariant.TWO_RESULTS, "app_other", "2 results"
    ),
]

CONSENT = [
    Planted(
        check_consent,
        both(row("asked", 2, at_s=51.5), again("asked", 2, at_s=53.0)),
        Invariant.NO_CONSENT,
        WITHDRAWN,
        "2 times about person 3 2.6 s after",
    ),
    Planted(
        check_consent,
        both(row("asked", 2, at_s=53.0), again("asked", 2, at_s=51.5)),
        Invariant.NO_CONSENT,
        WITHDRAWN,
        "2 times about person 3 2.6 s after",
    ),
    Planted(
        check_consent,
        both(row("consents", 2, recorded_s=None), row("asked", 2, at_s=60.0)),
        Invariant.NO_CONSENT,
        WITHDRAWN,
        "10.0 s after",
    ),
    Planted(
        check_consent,
        both(row("asked", 2, at_s=60.0), more("stalls", Stall(0.0, 20.0), Stall(55.0, 70.0))),
        Invariant.NO_CONSENT,
        WITHDRAWN,
        "9.6 s after",
    ),
    Planted(check_consent, row("asked", 2, at_s=51.5), Invariant.NO_CONSENT, WITHDRAWN, "1.1 s after"),
    Planted(check_consent, row("consents", given=False), Invariant.NO_CONSENT, PAID, "never agreed"),
    Planted(check_consent, row("asked", person_no=-1), Invariant.NO_CONSENT, PAID, "person -1"),
    Planted(
        check_consent, more("asked", Asked(9, "tax", 10.0, "app_ghost", 9)), Invariant.NO_CONSENT, "app_ghost", "tax"
    ),
    Planted(check_consent, row("consents", 2, recorded_s=None), LOST, WITHDRAWN, "never recorded"),
]

CELLS = [
    Planted(check_cells, row("reports", answered=1, is_partial=True), INCOMPLETE, PAID, "asks 2 cells and ends 1"),
    Planted(check_cells, row("reports", asked=0, answered=0), INCOMPLETE, PAID, "asks 0 cells"),
    Planted(check_cells, row("reports", is_partial=True), INCOMPLETE, PAID, "whether it is partial"),
    Planted(check_cells, gone("asked"), INCOMPLETE, PAID, "1 of 2 agencies were asked"),
    Planted(check_cells, gone("asked"), UNASKED_FOR, PAID, "tax answered and was never asked"),
    Planted(
        check_cells,
        more("cells", Cell(PAID, f"chk_{PAID}", "tax", 1)),
        INCOMPLETE,
        PAID,
        "questions open: ['tax']",
    ),
    Planted(check_cells, row("checks", ended=1), INCOMPLETE, PAID, "1 of 2 agencies ended"),
    Planted(
        check_cells, row("reports", answered=1, silent=1, is_partial=True), LOST, PAID, "final report has 1 silent"
    ),
]

EFFECTS = [
    Planted(
        check_effects,
        more("answers_kept", AnswerKept("batch-2", f"chk_{PAID}", "tax", f"leaf-{PAID}-tax")),
        DOUBLED,
        PAID,
        "kept 2 times and was said 1 times",
    ),
    Planted(check_effects, gone("answers_kept"), LOST, PAID, "said and is not kept"),
    Planted(check_effects, row("effects", times=2), DOUBLED, f"chk_{PAID}", "check.opened 2 times for 1"),
    Planted(
        check_effects,
        more("effects", Effect("adapters", "consent.withdrawn", PAID, 1)),
        DOUBLED,
        PAID,
        "consent.withdrawn 1 times for 0",
    ),
    Planted(check_effects, row("effects", 7, times=2), DOUBLED, PAID, "entitlement.granted 2 times for 1"),
    Planted(
        check_effects,
        more("effects", Effect("approval", "case.report_taken", f"case_{PAID}", 1)),
        DOUBLED,
        PAID,
        "case.report_taken 1 times for 0",
    ),
]

DECISIONS = [
    Planted(check_decisions, row("history", 5, outcome="refused"), UNASKED_FOR, PAID, "0 acknowledged, 0 left open"),
    Planted(check_decisions, again("decisions"), Invariant.DECIDED_TWICE, PAID, "2 decisions on version 1"),
    Planted(
        check_decisions,
        both(again("decisions", case_version=2), more("history", act("confirmation", "2", case_id=f"case_{PAID}"))),
        UNFOUNDED,
        PAID,
        "which there is not",
    ),
    Planted(check_decisions, gone("decisions"), LOST, PAID, "1 decisions acknowledged, 0 on record"),
    Planted(check_decisions, gone("history", 5), UNASKED_FOR, PAID, "0 acknowledged, 0 left open"),
    Planted(check_decisions, row("certificates", case_id=f"case_{REFUSED}"), UNFOUNDED, PAID, "nobody approved"),
    Planted(check_decisions, again("certificates", certificate_id="cert_2"), DOUBLED, PAID, "2 certificates"),
    Planted(check_decisions, again("entitlements", entitlement_id="ent_2"), DOUBLED, PAID, "2 entitlements"),
    Planted(check_decisions, gone("entitlements"), LOST, PAID, "never heard of it"),
    Planted(check_decisions, row("entitlements", decision_hash="other"), UNFOUNDED, PAID, "another decision"),
    Planted(check_decisions, gone("certificates"), UNFOUNDED, PAID, "without a certificate"),
]

TOPICS = [
    Planted(check_topics, gone("topic_records", 1), Invariant.UNSAID, REFUSED, "application.submitted: 0"),
    Planted(check_topics, gone("topic_records", 3), Invariant.UNSAID, WITHDRAWN, "application.withdrawn: 0"),
    Planted(check_topics, gone("topic_records", 4), Invariant.UNSAID, PAID, "check.opened: 0"),
    Planted(check_topics, gone("topic_records", 7), Invariant.UNSAID, PAID, "report.issued: 0"),
    Planted(check_topics, gone("topic_records", 10), Invariant.UNSAID, PAID, "decision.made: 0"),
    Planted(check_topics, gone("topic_records", 12), Invariant.UNSAID, PAID, "certificate.issued: 0"),
    Planted(check_topics, gone("topic_records", 13), Invariant.UNSAID, "ros_1", "roster.locked: 0"),
    Planted(check_topics, gone("topic_records", 14), Invariant.UNSAID, PAID, "payment.settled: 0"),
    Planted(
        check_topics,
        more("topic_records", told("verification.report", "report.issued", PAID, 2)),
        Invariant.SAID_TWICE,
        PAID,
        "report.issued: 2 events for 1",
    ),
    Planted(
        check_topics,
        more("topic_records", told("verification.check", "check.opened", "app_ghost")),
        UNASKED_FOR,
        "app_ghost",
        "check.opened was said",
    ),
    Planted(
        check_topics,
        more("topic_records", told("approval.decision", "decision.made", WITHDRAWN)),
        UNASKED_FOR,
        WITHDRAWN,
        "decision.made was said",
    ),
]

REST = [
    Planted(
        check_parked,
        more("parked", Parked("approval", "e", "verification.report", PAID, "report.issued", "ValueError")),
        Invariant.PARKED,
        PAID,
        "approval parked report.issued: ValueError",
    ),
    Planted(check_rest, row("unsent", records=3), Invariant.RESTLESS, "intake", "3 events"),
    Planted(check_rest, more("restless", "2 questions are open"), Invariant.RESTLESS, "platform", "2 questions"),
    Planted(check_trails, row("audit", wrong=("seal 3",)), Invariant.TRAIL_BROKEN, "intake", "seal 3"),
    Planted(check_trails, gone("audit"), Invariant.TRAIL_BROKEN, "intake", "not verified"),
]
