"""`python -m deploy.demo.household [N]`: prints the application of simulated household N, ready to be handed in."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import httpx

from chassis.clock import Clock
from deploy.demo.township import REGION
from deploy.demo.world import World
from deploy.local.platform import LocalPlatform

ROOT = Path(__file__).resolve().parents[2]


async def fetch(number: int) -> str:
    """The body of `POST /intake/v1/applications`, signed today; the platform must be up."""
    platform = LocalPlatform(ROOT, ROOT / "var")
    secret = json.loads(platform.site_file("simulator").read_text())["admin_token"]
    today = Clock(platform.var / "clock.json").today().isoformat()
    async with httpx.AsyncClient() as client:
        world = World(client, platform.url("simulator"), secret)
        household = (await world.households(number, 1, region=REGION, signed_on=today))[0]
    return json.dumps(household["application"], ensure_ascii=False, indent=1)


if __name__ == "__main__":
    print(asyncio.run(fetch(int(sys.argv[1]) if len(sys.argv) > 1 else 7)))
