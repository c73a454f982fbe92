"""A township's people after the report: they survey, note the card, write opinions, confirm, post and tell.

What is to be done next stands in the case as it is read, so that whoever begins again in the middle goes on from there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from chassis.clock import CHINA
from deploy.demo import papers
from deploy.demo.desk import Desk, Officer, OutOfPatience
from deploy.demo.township import CLERK, TOWNSHIP

RECORDER = Officer("surveyor", TOWNSHIP, papers.SURVEYORS[0])
HANDLER = Officer("township_clerk", TOWNSHIP, "handler")
LEADER = Officer("township_leader", TOWNSHIP, papers.MEETING[0])

_LOOKS_MOST = 30
"""How often a case is looked at again before it is given up that it comes to rest."""
_A_MOMENT = timedelta(seconds=2)
_MISMATCHES = frozenset({"LIFE-01", "LIFE-02", "REG-01"})
"""Flags which, found true, mean that the family is not as it was declared."""
_AIDED = frozenset({"DUP-01"})
"""Flags which, found true, mean that somebody has the same aid elsewhere."""
BARS = _MISMATCHES | _AIDED
"""Flags for which, found true, a family is refused whatever its income."""


@dataclass(frozen=True, slots=True)
class Family:
    """What the township knows of a family it handed in."""

    application: Mapping[str, Any]
    trace: str
    """A traceparent to carry on, or a trace's id."""
    found_true: frozenset[str] = field(default_factory=frozenset)
    """Codes of flags that were found true."""
    does_not_cooperate: bool = False
    """Refuses what the survey asks for; the township refuses it for that."""


@dataclass(frozen=True, slots=True)
class _Step:
    """Something that is due on a case: by whom, where and with what."""

    by: Officer
    name: str
    body: dict[str, Any]


class TownshipOffice:
    """Carries cases on, each as far as the township can by itself."""

    def __init__(self, desk: Desk, run: str, families: Mapping[str, Family], now: Callable[[], datetime]) -> None:
        """`families` by application; `now` is business time."""
        self._desk = desk
        self._run = run
        self._families = families
        self._now = now

    async def case_of(self, application_id: str) -> dict[str, Any] | None:
        """The application's case as it stands; None before its first report was heard."""
        answer = await self._desk.ask(LEADER, "approval", "GET", "/cases", query={"application_id": application_id})
        found = answer.expect(HTTPStatus.OK)["data"]
        return found[0] if found else None

    async def carry(self, case: dict[str, Any]) -> dict[str, Any]:
        """The case once nothing more is due from the township: to be paid, told, posted, or waiting for its flags.

        Raises Refused where a step is refused for good, OutOfPatience where others keep changing the case.
        """
        for _ in range(_LOOKS_MOST):
            step = await self._due(case)
            if step is None:
                return case
            case = await self._take(case, step)
        raise OutOfPatience(f"{case['case_id']} does not come to rest")

    async def object_to(self, case: dict[str, Any]) -> dict[str, Any]:
        """A neighbour says that a posted family has more than it says; the case begins anew."""
        body = {
            "received_at": self._now().isoformat(),
            "source": "resident",
            "about": "income",
            "note": "群众反映该户收入与公示不符",
        }
        return await self._take(case, _Step(CLERK, "objections", body))

    async def _take(self, case: dict[str, Any], step: _Step) -> dict[str, Any]:
        """The case after the step; as it stands now where somebody was there before."""
        case_id = case["case_id"]
        answer = await self._desk.ask(
            step.by,
            "approval",
            "POST",
            f"/cases/{case_id}/{step.name}",
            body=step.body,
            key=f"{self._run}-{case_id}-{step.name}-{case['etag'].strip(chr(34))[:16]}",
            if_match=case["etag"],
            trace=self._families[case["application_id"]].trace,
        )
        if answer.status == HTTPStatus.PRECONDITION_FAILED or answer.code in ("idempotency-key-reused", "state-unfit"):
            again = await self.case_of(case["application_id"])
            assert again is not None, "a case does not go away"
            return again
        taken: dict[str, Any] = answer.expect(HTTPStatus.CREATED)["case"]
        return taken

    async def _due(self, case: dict[str, Any]) -> _Step | None:
        lacks = {lack["code"] for lack in case["lacks"]}
        family = self._families[case["application_id"]]
        match case["state"]["code"]:
            case "review" | "held" if "survey" in lacks:
                return _Step(RECORDER, "survey", papers.survey(family.application, case["member_ids"], self._seen_at()))
            case "review" | "held" if "open_flags" not in lacks:
                outcome, reasons = await self._judge(case, family)
                return _Step(HANDLER, "opinion", {"recommendation": outcome, "reasons": reasons})
            case "opined" if not lacks - {"opinion"}:
                outcome, reasons = await self._judge(case, family)
                return _Step(LEADER, "confirmation", {"outcome": outcome, "reasons": reasons, **_path(reasons)})
            case "approved" | "publicity" if "payee" in lacks:
                return _Step(CLERK, "payee", papers.payee(family.application, case["member_ids"]))
            case "approved":
                return _Step(CLERK, "publicity", self._posting(case))
            case "refused" if any(
                clock["code"] == "refusal_notice" and clock["stopped_on"] is None for clock in case["clocks"]
            ):
                return _Step(CLERK, "notices", self._notice(case))
        return None

    async def _judge(self, case: dict[str, Any], family: Family) -> tuple[str, list[str]]:
        """Outcome and reasons, from the report the case stands on and what the flags turned out to be."""
        if family.does_not_cooperate:
            return "refused", ["not_cooperating"]
        if family.found_true & _MISMATCHES:
            return "refused", ["household_mismatch"]
        if family.found_true & _AIDED:
            return "refused", ["already_aided"]
        report = await self._report(case)
        if case["conclusion"]["code"] == "over_standard":
            reasons = [] if report["income_qualifies"] else ["income_over_standard"]
            reasons += [] if report["property_qualifies"] else ["property_over_limit"]
            return "refused", reasons or ["false_declaration"]
        if needs_meeting(report):
            return "approved", ["collective_decision"]
        return "approved", ["conditions_met"]

    async def _report(self, case: dict[str, Any]) -> dict[str, Any]:
        answer = await self._desk.ask(
            LEADER, "verification", "GET", "/reports", query={"application_id": case["application_id"]}
        )
        versions = answer.expect(HTTPStatus.OK)["data"]
        found: dict[str, Any] = next(one for one in versions if one["report_id"] == case["report_id"])
        return found

    def _posting(self, case: dict[str, Any]) -> dict[str, Any]:
        return {
            "place": "林溪村村务公开栏",
            "posted_on": self._now().astimezone(CHINA).date().isoformat(),
            "photos": [papers.proof(f"posting {case['case_id']} {case['case_version']}")],
        }

    def _notice(self, case: dict[str, Any]) -> dict[str, Any]:
        return {
            "delivered_on": self._now().astimezone(CHINA).date().isoformat(),
            "way": "handed",
            "sha256": papers.proof(f"notice {case['case_id']} {case['case_version']}"),
        }

    def _seen_at(self) -> datetime:
        """A moment ago, since services look at the clock only now and then."""
        return self._now() - _A_MOMENT


def needs_meeting(report: Mapping[str, Any]) -> bool:
    """Whether only a collective decision may take the family in: something is not known (R-120)."""
    return bool(report["is_partial"] or not (report["income_qualifies"] and report["property_qualifies"]))


def _path(reasons: list[str]) -> dict[str, Any]:
    """A collective decision is taken in a meeting and names what it does without."""
    if "collective_decision" not in reasons:
        return {}
    return {"path": "meeting", "participants": list(papers.MEETING), "waived": ["agency_answers"]}
