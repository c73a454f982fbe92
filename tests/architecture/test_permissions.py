"""Nobody adds a door without saying who may come in: such a service does not start, and each of ours says it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, Depends, FastAPI

from chassis.access import Db
from chassis.callers import Caller
from chassis.permissions import OPEN, needs, refuse_open_routes, routes_of
from chassis.run import asgi_app, find_service
from chassis.service import Service
from deploy.map import read_map

SERVICES = tuple(read_map().services)
Reader = Annotated[Caller, needs("things:read")]


async def unguarded() -> dict[str, str]:
    return {}


async def asked_too_late(db: Db, caller: Reader) -> dict[str, str]:
    return {}


async def named_but_not_asked(caller: Annotated[Caller, Depends(unguarded)]) -> dict[str, str]:
    return {}


async def guarded(caller: Reader) -> dict[str, str]:
    return {}


def with_door(add: Callable[[APIRouter], Any]) -> Service:
    router = APIRouter(prefix="/payments/v1/things")
    router.get("")(guarded)
    add(router)
    return Service(name="payments", routes=(router,))


@pytest.mark.parametrize(
    "add",
    [
        lambda router: router.get("/open")(unguarded),
        lambda router: router.get("/open")(asked_too_late),
        lambda router: router.post("/open")(named_but_not_asked),
        lambda router: router.get("/open", include_in_schema=False)(unguarded),
        lambda router: router.api_route("/open", methods=["GET", "DELETE"])(unguarded),
        lambda router: router.add_route("/open", lambda request: None),
        lambda router: router.get("/open/livez")(unguarded),
    ],
    ids=["none", "after_the_database", "other", "unpublished", "many_methods", "bare", "named_like_an_open_one"],
)
def test_a_door_that_does_not_ask_first_keeps_the_service_from_starting(add: Callable[[APIRouter], Any]) -> None:
    with pytest.raises(RuntimeError, match="/open"):
        asgi_app(with_door(add))


def test_a_door_that_asks_lets_the_service_start() -> None:
    app = asgi_app(with_door(lambda router: router.post("/guarded")(guarded)))
    assert ("POST", "/payments/v1/things/guarded", "things:read") in set(routes_of(app))


def test_an_application_mounted_underneath_is_no_way_round() -> None:
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.mount("/underneath", FastAPI())
    with pytest.raises(RuntimeError, match="/underneath"):
        refuse_open_routes(app)


@pytest.mark.parametrize("service", SERVICES)
def test_every_door_of_ours_names_its_permission(service: str) -> None:
    doors = list(routes_of(asgi_app(find_service(service))))
    assert len([door for door in doors if door[2]]) >= 5
    assert {path for _, path, permission in doors if permission is None} == OPEN
    assert all(path in OPEN or path.startswith(f"/{service}/v1/") for _, path, _ in doors)
