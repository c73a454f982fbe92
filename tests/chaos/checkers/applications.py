"""Every acknowledged application has one check, one final report and one case; nothing got lost on the way (INV-01)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from tests.chaos.checkers.violation import Invariant, Violation
from tests.chaos.evidence import Application, Case, Check, Evidence, Report

_HANDED_IN = ("submit", "withdraw")


def check_applications(evidence: Evidence) -> tuple[Violation, ...]:
    """Lost and doubled applications, checks, reports and cases."""
    found = [*_acknowledged(evidence)]
    if "verification" in evidence.services:
        found += _checked(evidence)
    if "approval" in evidence.services:
        found += _opened(evidence)
    return tuple(found)


def _acknowledged(evidence: Evidence) -> Iterator[Violation]:
    rows: dict[str, int] = defaultdict(int)
    withdrawn: set[str] = set()
    for row in evidence.applications:
        rows[row.application_id] += 1
        if row.withdrawn_s is not None:
            withdrawn.add(row.application_id)
    keys: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for action in evidence.history:
        if action.kind not in _HANDED_IN or action.outcome != "ok" or action.application_id is None:
            continue
        one = action.application_id
        if action.kind == "submit":
            keys[one].add((action.client, action.key))
            if not rows[one]:
                yield Violation(Invariant.LOST, one, "acknowledged and not on file")
        elif one not in withdrawn:
            yield Violation(Invariant.LOST, one, "its acknowledged withdrawal is not on file")
    for one, told in keys.items():
        if len(told) > 1:
            yield Violation(Invariant.DOUBLED, one, f"{len(told)} keys were answered with it")
    for one, times in rows.items():
        if times > 1:
            yield Violation(Invariant.DOUBLED, one, f"{times} times on file")


def _checked(evidence: Evidence) -> Iterator[Violation]:
    checks: dict[str, list[Check]] = defaultdict(list)
    for check in evidence.checks:
        checks[check.application_id].append(check)
    versions: dict[str, list[int]] = defaultdict(list)
    for report in evidence.reports:
        versions[report.check_id].append(report.version)
    for row in evidence.applications:
        if row.accepted_s is None:
            continue
        own = checks[row.application_id]
        if not own:
            yield Violation(Invariant.LOST, row.application_id, "accepted and never checked")
            continue
        if len(own) > 1:
            yield Violation(Invariant.DOUBLED, row.application_id, f"{len(own)} checks")
        for check in own:
            yield from _reported(row, check, sorted(versions[check.check_id]))


def _reported(row: Application, check: Check, versions: list[int]) -> Iterator[Violation]:
    """Versions follow each other from the first to the one the check names, which is the final one."""
    expected = list(range(1, check.version + 1))
    if lost := set(expected) - set(versions):
        yield Violation(Invariant.LOST, row.application_id, f"report versions {sorted(lost)} are missing")
    if len(versions) != len(set(versions)) or set(versions) - set(expected):
        yield Violation(Invariant.DOUBLED, row.application_id, f"report versions {versions} of {check.version}")
    if row.withdrawn_s is not None:
        if check.state != "stopped":
            yield Violation(Invariant.LOST, row.application_id, "its withdrawal never reached the check")
    elif check.state != "reported" or not versions:
        yield Violation(Invariant.LOST, row.application_id, f"accepted and never reported: the check is {check.state}")


def _opened(evidence: Evidence) -> Iterator[Violation]:
    cases: dict[str, list[Case]] = defaultdict(list)
    for case in evidence.cases:
        cases[case.application_id].append(case)
    reported: dict[str, list[Report]] = defaultdict(list)
    for report in evidence.reports:
        reported[report.application_id].append(report)
    withdrawn = {row.application_id for row in evidence.applications if row.withdrawn_s is not None}
    for one in reported:
        own = cases[one]
        if not own and one not in withdrawn:
            yield Violation(Invariant.LOST, one, "reported and no case opened")
        if len(own) > 1:
            yield Violation(Invariant.DOUBLED, one, f"{len(own)} cases")
        for case in own:
            if case.state == "closed" and one not in withdrawn:
                yield Violation(Invariant.LOST, one, "its case is closed and nobody withdrew")
            if one in withdrawn and case.state not in ("closed", "refused", "paid"):
                yield Violation(Invariant.LOST, one, f"its withdrawal never reached the case: {case.state}")
