"""Every route names the permission it needs, in its signature; a service with a route that does not, does not start.

@router.get("/flags")
async def list_flags(caller: Annotated[Caller, needs("flags:read")], …) -> …
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI, Request, Security
from fastapi.dependencies.models import Dependant
from fastapi.openapi.models import HTTPBearer
from fastapi.routing import RouteContext, iter_route_contexts
from fastapi.security.base import SecurityBase

from chassis.allowances import Allowances
from chassis.callers import Caller
from chassis.idempotency import require_key
from chassis.refusal import Kind, Refusal
from chassis.shelf import Shelf
from chassis.tokens import TokenMissing, Tokens

OPEN = frozenset({"/livez", "/readyz", "/metrics"})
"""The only routes that ask nobody who they are; they tell nothing about anybody."""

_NAME = re.compile(r"[a-z][a-z_]*:[a-z][a-z_]*\Z", re.ASCII)


class NotPermitted(Refusal):
    kind = Kind.FORBIDDEN
    code = "permission-missing"
    zh = "您的角色没有此项权限。"
    en = "Your role does not have this permission."


class Permission(SecurityBase):
    """The dependency behind `needs`: verifies the bearer token, its allowance, and that it grants the permission."""

    def __init__(self, name: str) -> None:
        if not _NAME.match(name):
            raise ValueError(f"a permission reads like `flags:read`, not {name!r}")
        self.name = name
        self.model = HTTPBearer(bearerFormat="JWT")
        self.scheme_name = "token"

    async def __call__(self, request: Request) -> Caller:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise TokenMissing
        shelf: Shelf = request.app.state.runtime.database.shelf
        caller = shelf.of(Tokens).verify(token.strip())
        shelf.of(Allowances).spend(caller.org)
        if not caller.may(self.name):
            raise NotPermitted
        if takes_key(request.method, self.name):
            require_key(request)
        request.state.org = caller.org
        return caller


def takes_key(method: str, permission: str) -> bool:
    """Whether a route wants an Idempotency-Key: every POST does, unless it only looks something up."""
    return method == "POST" and not permission.endswith(":read")


def needs(permission: str) -> Any:
    """Mark a route's caller: `caller: Annotated[Caller, needs("flags:read")]`, before whatever reads the body."""
    return Security(Permission(permission), scopes=[permission])


def permission_of(route: RouteContext) -> str | None:
    """The permission a route asks for, which must be the first thing it does; None when it asks for none."""
    dependant: Dependant | None = getattr(route, "dependant", None)
    if dependant is None or not dependant.dependencies:
        return None
    first = dependant.dependencies[0].call
    return first.name if isinstance(first, Permission) else None


def routes_of(app: FastAPI) -> Iterator[tuple[str, str, str | None]]:
    """Every route as (method, path, permission)."""
    for route in iter_route_contexts(app.routes):
        for method in sorted(route.methods or {"ANY"}):
            if method != "HEAD" or "GET" not in (route.methods or ()):
                yield method, route.path or "", permission_of(route)


def refuse_open_routes(app: FastAPI) -> None:
    """Raise when a route would answer without asking who calls and whether they may."""
    unguarded = [
        f"{method} {path}" for method, path, permission in routes_of(app) if permission is None and path not in OPEN
    ]
    if unguarded:
        raise RuntimeError(f"no permission named first in the signature of: {', '.join(sorted(unguarded))}")
