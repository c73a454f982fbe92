"""Every fact stands on its topic under one event id: none said twice, none unsaid, none about nothing (INV-03)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from tests.chaos.checkers.violation import Invariant, Violation
from tests.chaos.evidence import Evidence


def check_topics(evidence: Evidence) -> tuple[Violation, ...]:
    """Compare each service's rows with what it said about them. A record may stand several times on its topic."""
    said: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for record in evidence.topic_records:
        said[record.type][record.key].add(record.event_id)
    found: list[Violation] = []
    for service, kind, rows in _exact(evidence):
        if service in evidence.services:
            found += _compare(kind, rows, said[kind])
    if "approval" in evidence.services:
        decisions = Counter(one.application_id for one in evidence.decisions)
        told = said["decision.made"]
        # A decision that no longer stands is told again as held: more events than decisions are as they should be.
        found += _unsaid("decision.made", decisions, told)
        found += _about_nothing("decision.made", decisions, told)
    return tuple(found)


def _exact(evidence: Evidence) -> Iterator[tuple[str, str, Mapping[str, int]]]:
    """(speaker, event, how many different ones there have to be by key)."""
    heard_of = [row for row in evidence.applications if row.accepted_s is not None]
    accepted = Counter(row.application_id for row in heard_of)
    withdrawn = Counter(row.application_id for row in heard_of if row.withdrawn_s is not None)
    yield "intake", "application.submitted", accepted
    yield "intake", "application.withdrawn", withdrawn
    yield "verification", "check.opened", Counter(row.application_id for row in evidence.checks)
    yield "verification", "report.issued", Counter(row.application_id for row in evidence.reports)
    yield "approval", "certificate.issued", Counter(row.application_id for row in evidence.certificates)
    yield "payments", "roster.locked", Counter(row.roster_id for row in evidence.rosters if row.state != "draft")
    application_of = {line.line_id: line.application_id for line in evidence.roster_lines}
    ended = [one for one in evidence.settlements if one.state in ("paid", "returned")]
    yield "payments", "payment.settled", Counter(application_of.get(one.line_id, one.line_id) for one in ended)


def _compare(kind: str, rows: Mapping[str, int], told: Mapping[str, set[str]]) -> Iterator[Violation]:
    yield from _unsaid(kind, rows, told)
    for key, events in told.items():
        if len(events) > rows.get(key, 0) > 0:
            yield Violation(Invariant.SAID_TWICE, key, f"{kind}: {len(events)} events for {rows[key]}")
    yield from _about_nothing(kind, rows, told)


def _unsaid(kind: str, rows: Mapping[str, int], told: Mapping[str, set[str]]) -> Iterator[Violation]:
    for key, times in rows.items():
        if len(told.get(key, ())) < times:
            yield Violation(Invariant.UNSAID, key, f"{kind}: {len(told.get(key, ()))} events for {times}")


def _about_nothing(kind: str, rows: Mapping[str, int], told: Mapping[str, set[str]]) -> Iterator[Violation]:
    for key in told:
        if not rows.get(key):
            yield Violation(Invariant.UNASKED_FOR, key, f"{kind} was said and is true of nothing on file")
