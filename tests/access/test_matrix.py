"""The access matrix: operations x roles x relations, over all five services, from their published contracts."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import pytest

from chassis.callers import Caller
from chassis.run import asgi_app, find_service
from deploy.local.platform import LocalPlatform
from tests.access.matrix import Matrix
from tests.access.operations import OPERATIONS
from tests.access.policy import PERMISSIONS, ROLES, Relation, Verdict
from tests.access.seeding import STAGES
from tests.testbed import ROOT

NEVER_DONE_HERE = {
    "POST /parked-events/{parked_id}/redrive",
    "POST /cases/{case_id}/notices",
    "POST /rosters",
    "POST /rosters/{roster_id}/signatures",
    "POST /rosters/{roster_id}/payment",
    "POST /months/{month}/close",
    "POST /draws",
}
"""Understood and refused for how things stand; that they succeed where they may is shown by their services' tests."""


def published(service: str) -> dict[str, str]:
    """Every operation of a service's contract, with its permission."""
    document = json.loads((ROOT / f"contracts/published/openapi/{service}.json").read_text(encoding="utf-8"))
    return {
        f"{method.upper()} {path.removeprefix(f'/{service}/v1')}": operation["security"][0]["token"][0]
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    }


@pytest.mark.parametrize("service", STAGES)
def test_every_published_operation_stands_in_the_table_with_its_permission(service: str) -> None:
    assert published(service) == {name: one.permission for name, one in OPERATIONS[service].items()}


def test_the_roles_have_the_permissions_of_the_policy_and_no_more() -> None:
    roles = tomllib.loads((ROOT / "deploy/local/roles.toml").read_text(encoding="utf-8"))
    assert {name: set(role["scopes"]) for name, role in roles.items()} == {
        role: {name for name, rule in PERMISSIONS.items() if role in rule.roles} for role in ROLES
    }


@pytest.mark.parametrize("service", STAGES)
async def test_nobody_gets_in_without_a_token_and_by_no_other_method(service: str) -> None:
    """Nothing is behind these doors: who is turned away reaches neither a key nor a database."""
    transport = httpx.ASGITransport(app=asgi_app(find_service(service)))
    ids = {name: f"{name[:3]}_{'0' * 32}" for one in OPERATIONS[service] for name in re.findall(r"\{([a-z_]+)\}", one)}
    async with httpx.AsyncClient(transport=transport, base_url="http://hedui.test") as client:
        for operation in OPERATIONS[service]:
            method, path = operation.split(" ")
            address = f"/{service}/v1{path}".format(**ids)
            for bearer in ({}, {"authorization": "Basic dTpw"}, {"authorization": "Bearer "}):
                answer = await client.request(method, address, headers=bearer)
                assert (answer.status_code, answer.json()["code"]) == (401, "token-missing"), operation
            for other in ("PUT", "PATCH", "DELETE", "OPTIONS"):
                assert (await client.request(other, address)).status_code == 405, operation


@asynccontextmanager
async def matrix_of(service: str, platform: LocalPlatform, folder: Path) -> AsyncIterator[Matrix]:
    """The service's part of the matrix, not asked yet."""
    async with STAGES[service](platform, folder) as stage:
        admin = await asyncpg.connect(platform.admin_dsn(stage.bed.site.database.name))
        yield Matrix(stage, OPERATIONS[service], admin)
        await admin.close()


@pytest.mark.policy("R-239")
@pytest.mark.parametrize("service", STAGES)
async def test_access(
    service: str, platform_postgres: LocalPlatform, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    async with matrix_of(service, platform_postgres, tmp_path) as matrix:
        await matrix.run()
        assert matrix.cells == len(OPERATIONS[service]) * len(ROLES) * len(Relation)
    record_property("access_cells", matrix.cells)
    record_property("access_leaks", len(matrix.leaks))
    assert not matrix.leaks, "\n".join(matrix.leaks)
    assert {name for name in OPERATIONS[service] if name not in matrix.succeeded} <= NEVER_DONE_HERE


async def test_a_range_that_is_not_kept_is_seen(
    platform_postgres: LocalPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: were everybody's range the whole country, lists, single things and acts alike would show it."""
    monkeypatch.setattr(Caller, "reach", property(lambda caller: ("", "~")))
    async with matrix_of("verification", platform_postgres, tmp_path) as matrix:
        await matrix.keep_out(Verdict.AS_ABSENT)
        leaks = "\n".join(matrix.leaks)
    for operation in ("GET /flags ", "GET /flags/{flag_id} ", "GET /reports ", "POST /flags/{flag_id}/resolution"):
        assert operation in leaks
    assert "whoever was kept out has changed flags" in leaks


async def test_a_permission_that_is_not_asked_for_is_seen(
    platform_postgres: LocalPlatform, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: were every token good for everything, each operation would show it for each role without it."""
    monkeypatch.setattr(Caller, "may", lambda caller, scope: True)
    async with matrix_of("adapters", platform_postgres, tmp_path) as matrix:
        await matrix.keep_out(Verdict.NOT_PERMITTED)
        told = [leak for leak in matrix.leaks if Verdict.NOT_PERMITTED.value in leak]
    lacking = sum(len(ROLES) - len(PERMISSIONS[one.permission].roles) for one in OPERATIONS["adapters"].values())
    assert len(told) == lacking * len(Relation)
