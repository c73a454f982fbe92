"""Every question of the plan has one end, and every final report names each of them (INV-05, INV-06)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.checkers.violation import Invariant, Violation
from tests.chaos.evidence import Cell, Check, Evidence, Report

_OPEN = 0
_ANSWERED = 1


def check_cells(evidence: Evidence) -> tuple[Violation, ...]:
    """Reports whose cells do not add up; questions missing, doubled or left open; answers nobody was asked for."""
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
    cells: dict[str, list[Cell]] = defaultdict(list)
    for cell in evidence.cells:
        cells[cell.check_id].append(cell)
    latest: dict[str, Report] = {}
    for report in evidence.reports:
        if report.check_id not in latest or latest[report.check_id].version < report.version:
            latest[report.check_id] = report
    unwilling = {one.application_id for one in evidence.consents if not one.given or one.withdrawn_s is not None}
    asked = {(one.application_id, one.agency) for one in evidence.asked}
    for check in evidence.checks:
        own = cells[check.check_id]
        yield from _each_once(check, own, may_lack=check.application_id in unwilling)
        yield from _truly_asked(check, own, asked)
        if check.state == "reported" and check.application_id not in unwilling:
            yield from _all_ended(check, own, latest.get(check.check_id))


def _each_once(check: Check, own: list[Cell], *, may_lack: bool) -> Iterator[Violation]:
    agencies = Counter(cell.agency for cell in own)
    for agency, times in agencies.items():
        if times > 1:
            yield Violation(Invariant.DOUBLED, check.application_id, f"{times} questions to {agency}")
    lacking = check.planned - len(agencies)
    if lacking and not (may_lack and lacking > 0):
        says = f"{len(agencies)} of {check.planned} planned agencies have a question"
        yield Violation(Invariant.INCOMPLETE, check.application_id, says)


def _truly_asked(check: Check, own: list[Cell], asked: set[tuple[str, str]]) -> Iterator[Violation]:
    for cell in own:
        if cell.outcome == _ANSWERED and (check.application_id, cell.agency) not in asked:
            yield Violation(Invariant.UNASKED_FOR, check.application_id, f"{cell.agency} answered and was never asked")


def _all_ended(check: Check, own: list[Cell], report: Report | None) -> Iterator[Violation]:
    still_open = sorted(cell.agency for cell in own if cell.state == _OPEN)
    if still_open or check.ended != check.planned:
        says = f"{check.ended} of {check.planned} agencies ended, {len(still_open)} questions open: {still_open}"
        yield Violation(Invariant.INCOMPLETE, check.application_id, says)
    elif report is not None and all(cell.outcome == _ANSWERED for cell in own) and report.answered != report.asked:
        says = f"all agencies answered, the final report has {report.answered} of {report.asked} cells"
        yield Violation(Invariant.LOST, check.application_id, says)
