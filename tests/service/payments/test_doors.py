"""The doors: who may come in, what they must bring, and what a foreign office sees, which is nothing."""

from __future__ import annotations

import tomllib
from typing import Any

import pytest

from chassis.permissions import routes_of
from chassis.run import asgi_app
from services.payments.app import SERVICE
from tests.service.payments.bed import OFFICER, SECOND, Payments
from tests.service.payments.world import COUNTY, MONTH, OTHER_TOWNSHIP, TOWNSHIP, card, certified, decided
from tests.testbed import ROOT

ALL = f"{OFFICER} {SECOND} accounts:correct"
ROLES = tomllib.loads((ROOT / "deploy/local/roles.toml").read_text(encoding="utf-8"))
POSTS: dict[str, tuple[str, dict[str, Any]]] = {
    "/rosters": ("rosters:write", {"office": COUNTY, "month": MONTH}),
    "/rosters/{roster}/signatures": ("rosters:sign", {"content_hash": "0" * 64}),
    "/rosters/{roster}/payment": ("payments:write", {}),
    "/lines/{line}/new-attempt": ("accounts:correct", {"account": card(5)}),
    "/entitlements/{entitlement}/stop": ("entitlements:stop", {"reason": "gave_up", "on": "2026-11-26"}),
    f"/months/{MONTH}/reconciliation": ("payments:write", {"office": COUNTY}),
    f"/months/{MONTH}/close": ("months:close", {"office": COUNTY}),
}
GETS = (
    "/rosters",
    "/rosters/{roster}",
    "/rosters/{roster}/lines",
    "/rosters/{roster}/left-out",
    "/lines?application_id=app_00000000000000000000000000000001",
    "/lines/{line}",
    "/entitlements?application_id=app_00000000000000000000000000000001",
    "/ledger",
    "/ledger/entries",
    f"/months/{MONTH}/reconciliation?office={COUNTY}",
    "/reconciliations/{reconciliation}",
    "/reconciliations/{reconciliation}/differences",
)


async def places(payments: Payments) -> dict[str, str]:
    """Real ids of everything in a roster being paid."""
    roster = await payments.paying(1)
    asked = await payments.officer.done(f"/months/{MONTH}/reconciliation", {"office": COUNTY})
    line = await payments.line(1)
    return {
        "roster": roster["roster_id"],
        "line": line["line_id"],
        "entitlement": line["entitlement_id"],
        "reconciliation": asked["reconciliation_id"],
    }


def test_every_door_is_tried_here() -> None:
    tried = {path.split("?")[0] for path in (*POSTS, *GETS)}
    doors = {
        path.removeprefix("/payments/v1").replace("_id}", "}").replace("{month}", MONTH)
        for _, path, _ in routes_of(asgi_app(SERVICE))
        if path.startswith("/payments/v1") and "parked" not in path
    }
    assert doors == tried


@pytest.mark.parametrize("path", POSTS)
async def test_who_lacks_the_permission_or_the_key_changes_nothing(payments: Payments, path: str) -> None:
    where = path.format(**await places(payments))
    permission, body = POSTS[path]
    others = " ".join(scope for scope in ALL.split() if scope != permission)
    answer = await payments.desk("officer", COUNTY, others).post(where, body)
    assert (answer.status_code, answer.json()["code"]) == (403, "permission-missing")
    nobody = await payments.client.post(f"/payments/v1{where}", json=body, headers={"idempotency-key": "k"})
    assert nobody.status_code == 401
    keyless = payments.desk("officer", COUNTY, ALL).headers
    missing = await payments.client.post(f"/payments/v1{where}", json=body, headers=keyless)
    assert (missing.status_code, missing.json()["code"]) == (400, "idempotency-key-missing")


@pytest.mark.parametrize("path", POSTS)
async def test_a_body_with_a_surplus_or_a_missing_field_is_refused_by_its_pointer(
    payments: Payments, path: str
) -> None:
    where = path.format(**await places(payments))
    _, body = POSTS[path]
    desk = payments.desk("officer", COUNTY, ALL)
    surplus = await desk.post(where, {**body, "surplus": 1})
    assert (surplus.status_code, surplus.json()["errors"][0]["pointer"]) == (422, "/surplus")
    for field in body:
        lacking = await desk.post(where, {name: value for name, value in body.items() if name != field})
        assert (lacking.status_code, lacking.json()["errors"][0]["pointer"]) == (422, f"/{field}")


@pytest.mark.parametrize("path", GETS)
async def test_reading_needs_its_permission(payments: Payments, path: str) -> None:
    where = path.format(**await places(payments))
    assert (await payments.officer.get(where)).status_code == 200
    blind = payments.desk("officer", COUNTY, ALL.replace("payments:read", ""))
    assert (await blind.get(where)).status_code == 403


@pytest.mark.parametrize("org", ["cn/65/654099/", OTHER_TOWNSHIP, "cn/2307/230798/"])
async def test_a_foreign_office_reads_nothing_as_if_it_were_not_there(payments: Payments, org: str) -> None:
    known = await places(payments)
    stranger = payments.desk("stranger", org, ALL)
    for path in GETS:
        answer = await stranger.get(path.format(**known))
        if answer.status_code == 200:
            shown = answer.json()
            assert shown.get("data", []) == [], path
            assert not any(one["fen"] for one in shown.get("balances", [])), path
            assert not any(shown.get(part) for part in ("reconciliation", "closing")), path
        else:
            assert answer.status_code == 404, path
    for path, (_, body) in POSTS.items():
        answer = await stranger.post(path.format(**known), body)
        assert answer.status_code in (403, 404), path


@pytest.mark.parametrize("month", ["2026-13", "2026-00", "26-12", "2026-1", "x", "2026-12%0A"])
async def test_a_month_that_is_none_is_refused(payments: Payments, month: str) -> None:
    answer = await payments.officer.post(f"/months/{month}/reconciliation", {"office": COUNTY})
    assert answer.status_code == 422
    drawn = await payments.officer.post("/rosters", {"office": COUNTY, "month": month})
    assert drawn.status_code == 422


async def test_lists_go_on_page_by_page(payments: Payments) -> None:
    await payments.hear(*(decided(number) for number in range(5)))
    await payments.hear(*(certified(number) for number in range(5)))
    roster = await payments.draw()
    seen: list[int] = []
    path = f"/rosters/{roster['roster_id']}/lines?limit=2"
    after = ""
    for _ in range(3):
        page = await payments.officer.read(path + after)
        seen += [one["place"] for one in page["data"]]
        after = f"&after={page['page']['next']}"
    assert (seen, page["page"]["has_more"]) == ([0, 1, 2, 3, 4], False)


def test_no_role_can_both_draw_up_and_sign_second_or_close() -> None:
    for name, role in ROLES.items():
        scopes = set(role["scopes"])
        assert not ("rosters:write" in scopes and "months:close" in scopes), name
        assert "rosters:write" not in scopes or name == "payments_officer"
    assert "rosters:sign" in ROLES["second_signer"]["scopes"]
    assert "accounts:correct" in ROLES["township_clerk"]["scopes"]
    assert set(OFFICER.split()) == set(ROLES["payments_officer"]["scopes"])
    assert set(SECOND.split()) == set(ROLES["second_signer"]["scopes"])


async def test_a_township_does_not_draw_up_or_close_its_countys_roster(payments: Payments) -> None:
    await payments.entitle(1)
    town = payments.desk("town", TOWNSHIP, ALL)
    assert (await town.post("/rosters", {"office": COUNTY, "month": MONTH})).status_code == 403
    assert (await town.post("/rosters", {"office": TOWNSHIP, "month": MONTH})).status_code == 422
    assert (await town.post(f"/months/{MONTH}/close", {"office": COUNTY})).status_code == 403
