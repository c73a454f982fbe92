"""Every question of the plan has one end, and every final report names each of them (INV-05, INV-06)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.checkers.violation import Invariant, Violation
from tests.chaos.evidence import Check, Evidence, Report


def check_cells(evidence: Evidence) -> tuple[Violation, ...]:
    """Reports whose cells do not add up; questions never asked or left open; answers nobody was asked for."""
    found = list(_sums(evidence))
    if {"verification", "adapters"} <= set(evidence.services):
        found += _questions(evidence)
    return tuple(found)


def _sums(evidence: Evidence) -> Iterator[Violation]:
    for report in evidence.reports:
        ended = report.answered + report.silent + report.invalid
        if report.asked <= 0 or report.asked != ended:
            says = f"version {report.version} asks {report.asked} cells and ends {ended}"
            yield Violation(Invariant.INCOMPLETE, report.application_id, says)
        if report.is_partial != (report.answered < report.asked):
            says = f"version {report.version} does not say rightly whether it is partial"
            yield Violation(Invariant.INCOMPLETE, report.application_id, says)


def _questions(evidence: Evidence) -> Iterator[Violation]:
    still_open: dict[str, set[str]] = defaultdict(set)
    for cell in evidence.cells:
        still_open[cell.check_id].add(cell.agency)
    latest: dict[str, Report] = {}
    for report in evidence.reports:
        if report.check_id not in latest or latest[report.check_id].version < report.version:
            latest[report.check_id] = report
    asked: dict[str, set[str]] = defaultdict(set)
    for question in evidence.asked:
        asked[question.application_id].add(question.agency)
    answered: dict[str, set[str]] = defaultdict(set)
    for answer in evidence.answers_said:
        answered[answer.check_id].add(answer.agency)
    unwilling = {one.application_id for one in evidence.consents if not one.given or one.withdrawn_s is not None}
    for check in evidence.checks:
        one, own = check.application_id, answered[check.check_id]
        for agency in sorted(own - asked[one]):
            yield Violation(Invariant.UNASKED_FOR, one, f"{agency} answered and was never asked")
        if check.state == "reported" and one not in unwilling:
            yield from _all_ended(check, still_open[check.check_id], len(asked[one]))
            yield from _all_told(check, latest.get(check.check_id), len(own))


def _all_ended(check: Check, still_open: set[str], asked: int) -> Iterator[Violation]:
    """Where everybody agreed, every agency of the plan was asked, by its own ledger, and has come to an end."""
    if asked != check.planned:
        yield Violation(Invariant.INCOMPLETE, check.application_id, f"{asked} of {check.planned} agencies were asked")
    if still_open or check.ended != check.planned:
        says = f"{check.ended} of {check.planned} agencies ended, questions open: {sorted(still_open)}"
        yield Violation(Invariant.INCOMPLETE, check.application_id, says)


def _all_told(check: Check, report: Report | None, answered: int) -> Iterator[Violation]:
    """What agencies answered late stands in the final report all the same (INV-06)."""
    if report is not None and answered == check.planned and report.silent:
        says = f"all agencies answered, and the final report has {report.silent} silent cells"
        yield Violation(Invariant.LOST, check.application_id, says)
