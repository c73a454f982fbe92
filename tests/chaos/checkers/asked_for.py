"""Nothing exists that no client asked for, and no key was ever answered with two different results (INV-02)."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.checkers.violation import Invariant, Violation
from tests.chaos.evidence import Action, Evidence


def check_asked_for(evidence: Evidence) -> tuple[Violation, ...]:
    """What is on file without an action behind it. An action without an answer may stand behind one thing at most."""
    return (*_applications(evidence), *_withdrawals(evidence), *_followers(evidence))


def check_results(evidence: Evidence) -> tuple[Violation, ...]:
    """One key, one lasting result, however often it was asked."""
    told: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    subject: dict[tuple[str, str, str], str] = {}
    for action in evidence.history:
        name = (action.client, action.kind, action.key)
        told[name] += [json.dumps(each, sort_keys=True) for each in _answers(action)]
        subject[name] = action.application_id or action.case_id or action.roster_id or subject.get(name) or action.key
    return tuple(
        Violation(Invariant.TWO_RESULTS, subject[name], f"{kind} was answered with {len(set(answers))} results")
        for name, answers in told.items()
        for _, kind, _ in [name]
        if len(set(answers)) > 1
    )


def _answers(action: Action) -> list[object]:
    """Every answer that named a lasting result; the names in it are one result too."""
    named = [name for name in (action.application_id, action.roster_id) if name is not None]
    said = list(action.detail.get("answers", ()))
    if action.outcome == "ok" and not said:
        said = [[action.status, *named]]
    return said


def _applications(evidence: Evidence) -> Iterator[Violation]:
    acknowledged = {one.application_id for one in evidence.history if one.kind == "submit" and one.outcome == "ok"}
    open_ends = sum(one.kind == "submit" and one.outcome == "unknown" for one in evidence.history)
    nobodys = [row.application_id for row in evidence.applications if row.application_id not in acknowledged]
    if len(nobodys) > open_ends:
        for one in nobodys:
            yield Violation(Invariant.UNASKED_FOR, one, f"on file, with {open_ends} submissions left open")


def _withdrawals(evidence: Evidence) -> Iterator[Violation]:
    asked = {one.application_id for one in evidence.history if one.kind == "withdraw" and one.outcome != "refused"}
    for row in evidence.applications:
        if row.withdrawn_s is not None and row.application_id not in asked:
            yield Violation(Invariant.UNASKED_FOR, row.application_id, "withdrawn, which nobody asked for")


def _followers(evidence: Evidence) -> Iterator[Violation]:
    """Checks without applications, reports without checks, cases without reports, rosters nobody drew up."""
    applications = {row.application_id for row in evidence.applications}
    checks = {row.check_id for row in evidence.checks}
    reported = {row.application_id for row in evidence.reports}
    if "intake" in evidence.services:
        for check in evidence.checks:
            if check.application_id not in applications:
                yield Violation(Invariant.UNASKED_FOR, check.application_id, "checked, and never handed in")
    if "verification" in evidence.services:
        for report in evidence.reports:
            if report.check_id not in checks:
                yield Violation(Invariant.UNASKED_FOR, report.application_id, "reported, and never checked")
        for case in evidence.cases:
            if case.application_id not in reported:
                yield Violation(Invariant.UNASKED_FOR, case.application_id, "a case without a report")
    drawn = {one.roster_id for one in evidence.history if one.kind == "roster" and one.outcome == "ok"}
    open_ends = sum(one.kind == "roster" and one.outcome == "unknown" for one in evidence.history)
    nobodys = [row.roster_id for row in evidence.rosters if row.roster_id not in drawn]
    if len(nobodys) > open_ends:
        for one in nobodys:
            yield Violation(Invariant.UNASKED_FOR, one, "a roster nobody drew up")
    for (office, month), times in Counter((row.office, row.month) for row in evidence.rosters).items():
        if times > 1:
            yield Violation(Invariant.DOUBLED, office, f"{times} rosters of {month}")
