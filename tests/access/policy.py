"""Who may do what to whose: the one table, written from the policy and never read from the product.

Townships survey, give opinions, decide where the law lets them and post at the village; counties supervise, draw spot
checks and pay; whoever reads, reads about his own office and those beneath it
(R-001, R-092, R-107 to R-109, R-128, R-138, R-203, R-225, R-232, R-239, R-290).
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

CLERK, LEADER, SURVEYOR, CASEWORKER = "township_clerk", "township_leader", "surveyor", "caseworker"
APPROVER, OFFICER, SIGNER, AUDITOR, OPERATOR = (
    "county_approver",
    "payments_officer",
    "second_signer",
    "auditor",
    "operator",
)
ROLES = (CLERK, LEADER, SURVEYOR, CASEWORKER, APPROVER, OFFICER, SIGNER, AUDITOR, OPERATOR)


class Reach(Enum):
    """Whose things a permission is good for."""

    BENEATH = "of the own office and every office beneath it"
    OWN = "of the very own office: what is done in its name is done by nobody above it"
    ABOVE = "of offices beneath the own one, never the own: nobody draws or judges his own work"
    NOBODYS = "of no office: agencies and events that wait, of which nobody sees the content"


class Rule(NamedTuple):
    roles: frozenset[str]
    reach: Reach


def _rule(reach: Reach, *roles: str) -> Rule:
    return Rule(frozenset(roles), reach)


PERMISSIONS: Mapping[str, Rule] = {
    "applications:submit": _rule(Reach.BENEATH, CLERK),
    "applications:read": _rule(Reach.BENEATH, CLERK, LEADER, SURVEYOR, CASEWORKER, APPROVER, AUDITOR),
    "materials:add": _rule(Reach.BENEATH, CLERK),
    "consents:withdraw": _rule(Reach.BENEATH, CLERK),
    "flags:read": _rule(Reach.BENEATH, CLERK, LEADER, CASEWORKER, APPROVER, AUDITOR),
    "flags:resolve": _rule(Reach.BENEATH, CASEWORKER),
    "reports:read": _rule(Reach.BENEATH, CLERK, LEADER, CASEWORKER, APPROVER, AUDITOR),
    "cases:read": _rule(Reach.BENEATH, CLERK, LEADER, SURVEYOR, CASEWORKER, APPROVER, AUDITOR),
    "surveys:record": _rule(Reach.OWN, SURVEYOR, CASEWORKER),
    "payees:record": _rule(Reach.OWN, CLERK),
    "opinions:write": _rule(Reach.OWN, CLERK),
    "decisions:write": _rule(Reach.OWN, LEADER, APPROVER),
    "publicity:write": _rule(Reach.OWN, CLERK, LEADER),
    "objections:record": _rule(Reach.BENEATH, CLERK, APPROVER),
    "notices:record": _rule(Reach.OWN, CLERK),
    "spot_checks:write": _rule(Reach.ABOVE, APPROVER),
    "rosters:write": _rule(Reach.BENEATH, OFFICER),
    "rosters:sign": _rule(Reach.BENEATH, OFFICER, SIGNER),
    "payments:write": _rule(Reach.BENEATH, OFFICER),
    "payments:read": _rule(Reach.BENEATH, CLERK, LEADER, APPROVER, OFFICER, SIGNER, AUDITOR),
    "months:close": _rule(Reach.BENEATH, SIGNER),
    "accounts:correct": _rule(Reach.BENEATH, CLERK),
    "entitlements:stop": _rule(Reach.BENEATH, CLERK, OFFICER),
    "audit:read": _rule(Reach.BENEATH, AUDITOR),
    "ops:read": _rule(Reach.NOBODYS, OPERATOR),
    "ops:write": _rule(Reach.NOBODYS, OPERATOR),
}

NOWHERE = "cn/99/990099/990099099/"
"""An office nothing was ever handed in at."""


class Relation(Enum):
    """How the caller stands to the office of the thing he asks for."""

    OWN = "own"
    CHILD = "child"
    """The thing lies one level beneath the caller: a township's, seen from its county."""
    GRANDCHILD = "grandchild"
    PARENT = "parent"
    """The thing is of the office above the caller's."""
    SIBLING = "sibling"
    OTHER_COUNTY = "other county"
    FOREIGN = "foreign"
    LOOKALIKE = "lookalike"
    """The caller's path begins the thing's path as a text, but not as a path."""


class Verdict(Enum):
    NOT_PERMITTED = "403 before anything is looked up"
    AS_ABSENT = "as if it did not exist"
    NOT_IN_CHARGE = "403: seen, but another office's to do"
    REACHED = "reached"


_BENEATH = (Relation.CHILD, Relation.GRANDCHILD)


def verdict(role: str, permission: str, relation: Relation) -> Verdict:
    """What must become of a request."""
    rule = PERMISSIONS[permission]
    if role not in rule.roles:
        return Verdict.NOT_PERMITTED
    if rule.reach is Reach.NOBODYS:
        return Verdict.REACHED
    if relation not in (Relation.OWN, *_BENEATH):
        return Verdict.AS_ABSENT
    if (rule.reach is Reach.OWN and relation in _BENEATH) or (rule.reach is Reach.ABOVE and relation is Relation.OWN):
        return Verdict.NOT_IN_CHARGE
    return Verdict.REACHED


def caller_of(office: str, relation: Relation) -> str:
    """The office from which a thing of this office is seen in this relation."""
    parts = office.rstrip("/").split("/")
    own = parts[-1]
    changed: dict[Relation, list[str]] = {
        Relation.OWN: parts,
        Relation.CHILD: parts[:-1],
        Relation.GRANDCHILD: parts[:-2],
        Relation.PARENT: [*parts, f"{own}001"],
        Relation.SIBLING: [*parts[:-1], own[:-1] + str((int(own[-1]) + 1) % 10)],
        Relation.OTHER_COUNTY: ["cn", "2307", "230798", *(["230798001"] if len(parts) > 3 else [])],
        Relation.FOREIGN: ["cn", "65", "654099", *(["654099001"] if len(parts) > 3 else [])],
        Relation.LOOKALIKE: [*parts[:-1], own[:-1]],
    }
    return "/".join(changed[relation]) + "/"
