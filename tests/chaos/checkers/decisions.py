"""One decision per case version, each asked for by somebody; rights to money stand on their decision (INV-17)."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.chaos.checkers.violation import Invariant, Violation
from tests.chaos.evidence import Decision, Evidence

DECIDED = "confirmation"
"""The kind of action that makes a decision."""


def check_decisions(evidence: Evidence) -> tuple[Violation, ...]:
    """Decisions made twice, lost, or by nobody; certificates and entitlements without their decision."""
    if "approval" not in evidence.services:
        return ()
    found = [*_made(evidence), *_certified(evidence)]
    if "payments" in evidence.services:
        found += _entitled(evidence)
    return tuple(found)


def _made(evidence: Evidence) -> Iterator[Violation]:
    application_of = {case.case_id: case.application_id for case in evidence.cases}
    versions: dict[str, Counter[int]] = defaultdict(Counter)
    for decision in evidence.decisions:
        versions[decision.case_id][decision.case_version] += 1
    acknowledged: dict[str, set[tuple[str, str]]] = defaultdict(set)
    open_ends: dict[str, set[tuple[str, str]]] = defaultdict(set)
    for action in evidence.history:
        if action.kind == DECIDED and action.case_id is not None and action.outcome != "refused":
            told = acknowledged if action.outcome == "ok" else open_ends
            told[action.case_id].add((action.client, action.key))
    newest = {case.case_id: case.case_version for case in evidence.cases}
    for case_id in {*versions, *acknowledged}:
        subject, made = application_of.get(case_id, case_id), versions[case_id]
        for version, times in made.items():
            if times > 1:
                yield Violation(Invariant.DECIDED_TWICE, subject, f"{times} decisions on version {version}")
            if version > newest.get(case_id, 0):
                yield Violation(Invariant.UNFOUNDED, subject, f"a decision on version {version}, which there is not")
        asked, may_be = len(acknowledged[case_id]), len(open_ends[case_id])
        if len(made) < asked:
            yield Violation(Invariant.LOST, subject, f"{asked} decisions acknowledged, {len(made)} on record")
        if len(made) > asked + may_be:
            says = f"{len(made)} decisions on record, {asked} acknowledged, {may_be} left open"
            yield Violation(Invariant.UNASKED_FOR, subject, says)


def _certified(evidence: Evidence) -> Iterator[Violation]:
    approved = {(one.case_id, one.case_version) for one in evidence.decisions if one.outcome == "approved"}
    times = Counter((one.case_id, one.case_version) for one in evidence.certificates)
    for certificate in evidence.certificates:
        name = (certificate.case_id, certificate.case_version)
        if name not in approved:
            says = f"a certificate of version {certificate.case_version}, which nobody approved"
            yield Violation(Invariant.UNFOUNDED, certificate.application_id, says)
        if times[name] > 1:
            yield Violation(Invariant.DOUBLED, certificate.application_id, f"{times[name]} certificates")
            times[name] = 0


def _entitled(evidence: Evidence) -> Iterator[Violation]:
    decisions: dict[tuple[str, int], Decision] = {(one.case_id, one.case_version): one for one in evidence.decisions}
    rights: dict[str, list[str]] = defaultdict(list)
    for entitlement in evidence.entitlements:
        rights[entitlement.application_id].append(entitlement.entitlement_id)
    for one, own in rights.items():
        if len(own) > 1:
            yield Violation(Invariant.DOUBLED, one, f"{len(own)} entitlements")
    held = {entitlement.certificate_id: entitlement for entitlement in evidence.entitlements}
    newest = {one.application_id: one for one in sorted(evidence.certificates, key=lambda one: one.case_version)}
    for certificate in newest.values():
        right = held.get(certificate.certificate_id)
        decision = decisions.get((certificate.case_id, certificate.case_version))
        if right is None:
            yield Violation(Invariant.LOST, certificate.application_id, "certified, and payments never heard of it")
        elif decision is not None and right.decision_hash != decision.decision_hash:
            yield Violation(Invariant.UNFOUNDED, certificate.application_id, "entitled by another decision")
    known = {certificate.certificate_id for certificate in evidence.certificates}
    for entitlement in evidence.entitlements:
        if entitlement.certificate_id not in known:
            yield Violation(Invariant.UNFOUNDED, entitlement.application_id, "entitled without a certificate")
