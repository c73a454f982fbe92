"""What supervisors ask: is it alive, is it ready, what has it counted. Open to all, tells nothing about anybody."""

from __future__ import annotations

from typing import Any

import orjson
from fastapi import APIRouter, Request, Response
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from chassis.telemetry import REGISTRY


def routes(service: str) -> APIRouter:
    """GET /livez, /readyz and /metrics."""
    router = APIRouter(include_in_schema=False)

    @router.get("/livez")
    async def is_alive() -> dict[str, str]:
        return {"service": service}

    @router.get("/readyz")
    async def is_ready(request: Request) -> Response:
        """200 when the service does its work, else 503 naming what it waits for; the business date either way."""
        runtime: Any = request.app.state.runtime
        missing: list[str] = runtime.missing
        content = {
            "service": service,
            "ready": not missing,
            "missing": missing,
            "business_date": runtime.database.clock.today().isoformat(),
        }
        return Response(orjson.dumps(content), 503 if missing else 200, media_type="application/json")

    @router.get("/metrics")
    async def metrics() -> Response:
        return Response(generate_latest(REGISTRY), media_type=CONTENT_TYPE_LATEST)

    return router
