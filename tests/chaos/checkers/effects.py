"""What an event does to those who hear it, it does once, however often it is brought to them (INV-04)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.checkers.violation import Invariant, Violation
from tests.chaos.evidence import Evidence

_ONCE = {"check.opened", "check.stopped", "case.opened", "case.closed", "case.paid"}
"""Acts that befall their subject at most once."""
_AS_OFTEN_AS_SAID = {"consent.withdrawn": "consent.withdrawn", "application.withdrawn": "application.withdrawn"}
"""Acts on an application that follow an event about it: act -> event."""


def check_effects(evidence: Evidence) -> tuple[Violation, ...]:
    """Answers kept twice or not at all; acts done again for an event that had been heard before."""
    return (*_answers(evidence), *_acts(evidence))


def _answers(evidence: Evidence) -> Iterator[Violation]:
    application_of = {check.check_id: check.application_id for check in evidence.checks}
    listening = {check.check_id for check in evidence.checks if check.state == "reported"}
    said: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for one in evidence.answers_said:
        said[one.check_id, one.agency, one.leaf_hash].add(one.event_id)
    kept = Counter((one.check_id, one.agency, one.leaf_hash) for one in evidence.answers_kept if one.leaf_hash)
    for name, times in kept.items():
        if times > (may := len(said.get(name, ()))):
            says = f"{name[1]}'s answer is kept {times} times and was said {may} times"
            yield Violation(Invariant.DOUBLED, application_of.get(name[0], name[0]), says)
    for name in said:
        if name[0] in listening and not kept[name]:
            yield Violation(Invariant.LOST, application_of[name[0]], f"{name[1]}'s answer was said and is not kept")


def _acts(evidence: Evidence) -> Iterator[Violation]:
    events: dict[tuple[str, str], set[str]] = defaultdict(set)
    for record in evidence.topic_records:
        events[record.type, record.key].add(record.event_id)
    reports = Counter(report.application_id for report in evidence.reports)
    application_of = {case.case_id: case.application_id for case in evidence.cases}
    granted = {row.entitlement_id: row.application_id for row in evidence.entitlements}
    for effect in evidence.effects:
        subject = application_of.get(effect.subject) or granted.get(effect.subject) or effect.subject
        if effect.act in _ONCE:
            may = 1
        elif effect.act in _AS_OFTEN_AS_SAID:
            may = len(events[_AS_OFTEN_AS_SAID[effect.act], effect.subject])
        elif effect.act == "entitlement.granted":
            may = len(events["certificate.issued", subject])
        elif effect.act == "case.report_taken":
            may = reports[subject] - 1
        else:
            continue
        if effect.times > may:
            says = f"{effect.service} did {effect.act} {effect.times} times for {may} events"
            yield Violation(Invariant.DOUBLED, subject, says)
