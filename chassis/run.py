"""`python -m chassis.run <service>`: one service process, told by its site file where it is."""

from __future__ import annotations

import argparse
import gc
import importlib
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from types import FrameType

import structlog
import uvicorn
from fastapi import FastAPI

from chassis import health, parked_events, problems
from chassis.logs import start_logging
from chassis.permissions import refuse_open_routes
from chassis.requests import Traced
from chassis.runtime import Runtime
from chassis.service import Service
from chassis.site import Site
from chassis.sockets import BoundedHttp
from chassis.telemetry import start_tracing


def find_service(name: str) -> Service:
    """The `SERVICE` table of `services/<name>/app.py`."""
    service = importlib.import_module(f"services.{name}.app").SERVICE
    assert isinstance(service, Service)
    return service


def asgi_app(service: Service, runtime: Runtime | None = None) -> FastAPI:
    """The service's doors. Without a runtime (to publish its contract) nothing is started behind them."""

    @asynccontextmanager
    async def alive(app: FastAPI) -> AsyncIterator[None]:
        if runtime is not None:
            runtime.start()
        yield
        if runtime is not None:
            await runtime.stop()

    app = FastAPI(
        title=f"Hedui 核对 · {service.name}",
        version="1",
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        lifespan=alive,
        telemetry={"tracing": False, "metrics": False, "logs": False},
    )
    app.state.runtime = runtime
    problems.install(app)
    app.include_router(health.routes(service.name))
    app.include_router(parked_events.routes(service.name))
    for router in service.routes:
        app.include_router(router)
    refuse_open_routes(app)
    app.add_middleware(Traced)
    return app


def spare_the_collector() -> None:
    """Keep the garbage collector off what lives as long as the process; let whole batches go by between its runs.

    Batches make many objects that all die by reference count. With Python's own settings the collector walked every
    loaded module again and again while a batch grew: more than half of a consumer's CPU.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m chassis.run", description=__doc__)
    parser.add_argument("service", help="a folder under services/")
    parser.add_argument(
        "--table", action="store_true", help="print what the service hears, says, works off and does, and end"
    )
    chosen = parser.parse_args()
    service = find_service(chosen.service)
    if chosen.table:
        print(service.describe())  # noqa: T201 (what was asked for)
        return
    site = Site.from_environment()
    start_logging(service.name)
    provider = start_tracing(service.name, site.trace_file, site.trace_sample)
    runtime = Runtime(service, site)
    structlog.get_logger(__name__).info("starting", port=site.port)
    server = uvicorn.Server(
        uvicorn.Config(
            asgi_app(service, runtime),
            host=site.host,
            port=site.port,
            loop="uvloop",
            http=BoundedHttp,
            ws="none",
            lifespan="on",
            access_log=False,
            log_config=None,
            server_header=False,
            timeout_keep_alive=15,
            timeout_graceful_shutdown=8,
            backlog=512,
        )
    )
    spare_the_collector()
    # The server ends itself by the very signal it was told to end by, once all is done: that must not cut us short.
    signal.signal(signal.SIGTERM, _leave)
    try:
        server.run()
    finally:
        if provider is not None:
            provider.shutdown()


def _leave(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
