"""Every operation of the five services: the permission it needs, what it is about, and the least body it takes."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from msgspec.structs import replace

from contracts.events.verification import ReportIssued
from tests.access.estate import Thing
from tests.service.approval import world as approvals
from tests.service.payments.world import card
from tests.unit.intake.households import a_body

Body = Callable[[Thing], Any]


@dataclass(frozen=True)
class Operation:
    """One method on one path.

    query      what is asked for beyond the path, with the thing's ids filled in
    body       the least body that is understood
    about      whose office counts
    is_named   whether the request names the thing; a list or a total names nothing
    is_rows    a list whose rows have offices of their own, whatever the office of what it is a list of
    is_of_many each part of the request has a verdict of its own within an answer that is kept
    is_nameless whether its answer holds nothing by which the thing could be recognised
    is_named_document  shows whom it is about by name, never by number, to whoever may read it
    """

    permission: str
    query: str = ""
    body: Body | None = None
    about: Literal["township", "county"] = "township"
    is_named: bool = True
    is_rows: bool = False
    is_of_many: bool = False
    is_nameless: bool = False
    is_named_document: bool = False


_households = itertools.count(5_000)


def _application(thing: Thing) -> dict[str, Any]:
    return a_body(next(_households)) | {"office": thing.ids["office"]}


def _report(thing: Thing) -> ReportIssued:
    return replace(approvals.a_report(), member_ids=thing.ids["members"].split(","))


def _fixed(body: Any) -> Body:
    return lambda thing: body


def _of_office(thing: Thing) -> dict[str, str]:
    return {"office": thing.ids["office"]}


_OPERATORS = {
    "GET /parked-events": Operation("ops:read", is_named=False),
    "GET /parked-events/{parked_id}": Operation("ops:read"),
    "POST /parked-events/{parked_id}/redrive": Operation("ops:write"),
}
_APPLICATION = "application_id={application_id}"

OPERATIONS: Mapping[str, Mapping[str, Operation]] = {
    "intake": {
        "POST /applications": Operation("applications:submit", body=_application),
        "POST /applications/batch": Operation(
            "applications:submit", body=lambda thing: {"applications": [_application(thing)]}, is_of_many=True
        ),
        "GET /applications": Operation("applications:read", is_named=False),
        "GET /applications/{application_id}": Operation("applications:read"),
        "POST /applications/{application_id}/materials": Operation(
            "materials:add", body=_fixed({"materials": [{"kind": "identity_document", "sha256": "9" * 64}]})
        ),
        "POST /applications/{application_id}/consents/{member_id}/withdrawal": Operation("consents:withdraw"),
        "POST /applications/{application_id}/withdrawal": Operation("applications:submit"),
        **_OPERATORS,
    },
    "verification": {
        "GET /flags": Operation("flags:read", is_named=False),
        "GET /flags/{flag_id}": Operation("flags:read"),
        "GET /checks": Operation("reports:read", query=_APPLICATION),
        "GET /checks/{check_id}": Operation("reports:read"),
        "GET /reports": Operation("reports:read", query=_APPLICATION),
        "GET /reports/{report_id}": Operation("reports:read", is_named_document=True),
        "POST /flags/{flag_id}/resolution": Operation(
            "flags:resolve",
            body=_fixed(
                {
                    "finding": "untrue",
                    "contact": {"at": approvals.NOW.isoformat(), "way": "visit"},
                    "evidence": [{"kind": "sale_contract", "sha256": "ab" * 32}],
                }
            ),
        ),
        **_OPERATORS,
    },
    "adapters": {
        "GET /agencies": Operation("ops:read", is_named=False),
        "GET /calls": Operation("audit:read", query="check_id={check_id}"),
        **_OPERATORS,
    },
    "approval": {
        "GET /cases": Operation("cases:read", is_named=False),
        "GET /cases/{case_id}": Operation("cases:read"),
        "GET /draws/{draw_id}": Operation("cases:read"),
        "GET /spot-checks": Operation("cases:read", is_named=False),
        "POST /cases/{case_id}/survey": Operation(
            "surveys:record", body=lambda thing: approvals.a_survey(_report(thing), approvals.NOW)
        ),
        "POST /cases/{case_id}/payee": Operation("payees:record", body=lambda thing: approvals.a_payee(_report(thing))),
        "POST /cases/{case_id}/opinion": Operation("opinions:write", body=_fixed(approvals.RECOMMEND)),
        "POST /cases/{case_id}/extension": Operation("decisions:write", body=_fixed({"reason": "objection"})),
        "POST /cases/{case_id}/confirmation": Operation("decisions:write", body=_fixed(approvals.APPROVE)),
        "POST /cases/{case_id}/publicity": Operation(
            "publicity:write", body=_fixed(approvals.a_posting(approvals.NOW.date()))
        ),
        "POST /cases/{case_id}/objections": Operation(
            "objections:record", body=_fixed(approvals.an_objection(approvals.NOW))
        ),
        "POST /cases/{case_id}/notices": Operation(
            "notices:record", body=_fixed({"delivered_on": "2026-09-16", "way": "handed", "sha256": approvals.SHA})
        ),
        "POST /draws": Operation("spot_checks:write", body=_of_office),
        "POST /spot-checks/{spot_check_id}/result": Operation(
            "spot_checks:write", body=_fixed({"look": "visit", "found": "in_order"})
        ),
        **_OPERATORS,
    },
    "payments": {
        "GET /rosters": Operation("payments:read", about="county", is_named=False),
        "GET /rosters/{roster_id}": Operation("payments:read", about="county"),
        "GET /rosters/{roster_id}/lines": Operation("payments:read", about="county", is_rows=True),
        "GET /rosters/{roster_id}/left-out": Operation("payments:read", about="county", is_rows=True),
        "GET /lines": Operation("payments:read", query=_APPLICATION),
        "GET /lines/{line_id}": Operation("payments:read"),
        "GET /entitlements": Operation("payments:read", query=_APPLICATION),
        "GET /ledger": Operation("payments:read", is_named=False, is_nameless=True),
        "GET /ledger/entries": Operation("payments:read", is_named=False),
        "GET /months/{month}/reconciliation": Operation("payments:read", about="county", query="office={office}"),
        "GET /reconciliations/{reconciliation_id}": Operation("payments:read", about="county"),
        "GET /reconciliations/{reconciliation_id}/differences": Operation("payments:read", about="county"),
        "POST /rosters": Operation(
            "rosters:write", about="county", body=lambda thing: {"office": thing.ids["office"], "month": "2026-12"}
        ),
        "POST /rosters/{roster_id}/signatures": Operation(
            "rosters:sign", about="county", body=_fixed({"content_hash": "0" * 64})
        ),
        "POST /rosters/{roster_id}/payment": Operation("payments:write", about="county", body=_fixed({})),
        "POST /lines/{line_id}/new-attempt": Operation("accounts:correct", body=_fixed({"account": card(77)})),
        "POST /entitlements/{entitlement_id}/stop": Operation(
            "entitlements:stop", body=_fixed({"reason": "gave_up", "on": "2026-11-26"})
        ),
        "POST /months/{month}/reconciliation": Operation("payments:write", about="county", body=_of_office),
        "POST /months/{month}/close": Operation("months:close", about="county", body=_of_office),
        **_OPERATORS,
    },
}
"""In the order in which those that are reached follow one another: reading first, then acts as they come in life."""
