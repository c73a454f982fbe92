"""A service's contract as OpenAPI 3.1: its routes with bodies, permissions, keys and refusals, as the code has them."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import RouteContext, iter_route_contexts
from pydantic.json_schema import models_json_schema

from chassis.bodies import Body
from chassis.etags import require_match
from chassis.idempotency import HEADER
from chassis.permissions import permission_of, takes_key
from chassis.problems import MEDIA_TYPE

_REF = "#/components/schemas/"
_TEXT: dict[str, Any] = {"type": "string"}
_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "description": "A refusal (RFC 9457). Texts are in the language of Accept-Language, Chinese by default.",
    "type": "object",
    "required": ["type", "title", "status", "detail", "instance", "code", "trace_id", "retryable", "errors"],
    "properties": {
        "type": {**_TEXT, "description": "urn:hedui:problem:<code>"},
        "title": _TEXT,
        "status": {"type": "integer"},
        "detail": _TEXT,
        "instance": {**_TEXT, "description": "urn:hedui:request:<X-Request-Id>"},
        "code": {**_TEXT, "description": "Stable, for programs"},
        "trace_id": _TEXT,
        "retryable": {"type": "boolean", "description": "The very same request may succeed later"},
        "see": {**_TEXT, "description": "Path of what explains the refusal"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "detail"],
                "properties": {
                    "pointer": {**_TEXT, "description": "JSON pointer into the body; query/…, path/…, header/… else"},
                    "code": _TEXT,
                    "detail": _TEXT,
                },
            },
        },
    },
}
_REFUSED = {"description": "Refused", "content": {MEDIA_TYPE: {"schema": {"$ref": _REF + "Problem"}}}}
_KEY_PARAMETER = {
    "name": HEADER,
    "in": "header",
    "required": True,
    "description": "Kept for 90 days: the same key and body get the same answer, another body is refused",
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
}
_MATCH_PARAMETER = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "description": "The ETag of the version looked at; missing is refused with 428, a version that has passed with 412",
    "schema": {"type": "string"},
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The document of an app made by `chassis.run.asgi_app`, in a stable order."""
    document = get_openapi(title=app.title, version=app.version, routes=app.routes)
    components: dict[str, Any] = document.setdefault("components", {}).setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        components.pop(name, None)
    components["Problem"] = _PROBLEM
    for route, operation in _operations(app, document):
        responses = operation["responses"]
        responses.pop("422", None)
        responses["default"] = _REFUSED
        for call in (dependency.call for dependency in route.dependant.dependencies):
            if isinstance(call, Body):
                operation["requestBody"] = _request_body(call, components)
        if takes_key(next(iter(route.methods or {""})), permission_of(route) or ""):
            operation.setdefault("parameters", []).append(_KEY_PARAMETER)
        if _is_conditional(route):
            operation.setdefault("parameters", []).append(_MATCH_PARAMETER)
    _hoist(document, components)
    document["components"]["schemas"] = dict(sorted(components.items()))
    return document


def _operations(app: FastAPI, document: dict[str, Any]) -> Iterator[tuple[RouteContext, dict[str, Any]]]:
    for route in iter_route_contexts(app.routes):
        for method in route.methods or ():
            operation = document["paths"].get(route.path_format, {}).get(method.lower())
            if operation is not None:
                yield route, operation


def _is_conditional(route: RouteContext) -> bool:
    """Whether the route, as it is written, compares the version it is given."""
    return route.endpoint is not None and f"{require_match.__name__}(" in inspect.getsource(
        inspect.unwrap(route.endpoint)
    )


def _request_body(body: Body[Any], components: dict[str, Any]) -> dict[str, Any]:
    names, schemas = models_json_schema([(body.model, "validation")], ref_template=_REF + "{model}")
    for name, schema in schemas.get("$defs", {}).items():
        _add(components, name, schema)
    reference = names[body.model, "validation"]
    return {
        "required": True,
        "description": f"At most {body.limit} bytes",
        "content": {"application/json": {"schema": reference}},
    }


def _hoist(here: Any, components: dict[str, Any]) -> None:
    """Move definitions that a schema brought along to where every reference looks for them."""
    if isinstance(here, dict):
        for name, schema in here.pop("$defs", {}).items():
            _add(components, name, schema)
            _hoist(schema, components)
        reference = here.get("$ref")
        if isinstance(reference, str) and reference.startswith("#/$defs/"):
            here["$ref"] = _REF + reference.removeprefix("#/$defs/")
        for inner in list(here.values()):
            _hoist(inner, components)
    elif isinstance(here, list):
        for inner in here:
            _hoist(inner, components)


def _add(components: dict[str, Any], name: str, schema: dict[str, Any]) -> None:
    known = components.setdefault(name, schema)
    if known.get("properties", {}).keys() != schema.get("properties", {}).keys():
        raise ValueError(f"two models of one contract are called {name}")
