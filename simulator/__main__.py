"""`python -m simulator`: one process that is the whole outside world."""

from __future__ import annotations

import gc

import uvicorn

from simulator.admin import Admin
from simulator.clock import Clock
from simulator.desk import Desk
from simulator.faults import Faults
from simulator.ledger import Ledger
from simulator.money.office import Money
from simulator.population import Population
from simulator.sandbox import sandbox_faults
from simulator.site import Site, read_site
from simulator.web import Web


def build(site: Site) -> Web:
    """The ASGI application of a site."""
    population = Population(site.seed)
    faults = Faults(sandbox_faults(), site.latency_ms)
    ledger = Ledger(site.ledger_dir)
    clock = Clock(site.clock_file)
    desk = Desk(population, faults, ledger, clock)
    money = Money(site.ledger_dir, clock)
    return Web(desk, Admin(population, faults, ledger, clock), site.admin_token, ledger.start, money)


def main() -> None:
    site = read_site()
    gc.set_threshold(100_000, 50, 1_000)  # thousands of kept households are no garbage: look at them rarely
    uvicorn.run(
        build(site),
        host=site.host,
        port=site.port,
        loop="uvloop",
        http="httptools",
        access_log=False,
        log_level="warning",
        server_header=False,
        date_header=False,
        backlog=2_048,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
    )


if __name__ == "__main__":
    main()
