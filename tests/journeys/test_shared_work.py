"""Two verification processes share the work; one is killed in mid-flow, and every household is reported once."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import pytest

from contracts.vocabulary import Agency
from deploy.local.platform import LocalPlatform
from deploy.local.ports import PortBook
from deploy.local.process import clean_environment
from tests.journeys.county import County
from tests.journeys.once import assert_each_once
from tests.journeys.patience import until

HOUSEHOLDS = 400
SLOW_MS = 1_500
"""One agency takes this long, so that nothing is over before the process is killed."""
ANSWER_S = 10.0
_TAKEN = re.compile(rb'^hedui_events_taken_total\{type="application\.submitted"\} (\d+)', re.MULTILINE)


class Second:
    """A second process of a service, as a cluster would add one: the same site file but for the port."""

    def __init__(self, platform: LocalPlatform, service: str) -> None:
        name = f"{service}-second"
        self.port = PortBook(platform.var / f"{name}-ports.json", {name: 0}, own_choice=True).claim(name)
        site = json.loads(platform.site_file(service).read_text())
        site |= {"port": self.port, "trace_file": str(platform.var / "traces" / f"{name}.jsonl")}
        file = platform.var / "site" / f"{name}.json"
        file.write_text(json.dumps(site))
        file.chmod(0o600)
        log = platform.layout.log_file(name)
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "chassis.run", service],
                cwd=platform.root,
                env=clean_environment(HEDUI_SITE_FILE=str(file)),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            )

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


@pytest.fixture
def second(platform: LocalPlatform) -> Iterator[Second]:
    second = Second(platform, "verification")
    yield second
    if second.process.poll() is None:
        second.kill()


async def test_one_of_two_is_killed_in_mid_flow_and_every_household_gets_one_report(
    county: County, second: Second
) -> None:
    await until(lambda: share_of_each(county, second), "each of the two has its share of the topics")
    both = (county.platform.url("verification"), second.url)
    before = [await checks_opened(county, url) for url in both]
    households = await county.households(HOUSEHOLDS)
    await county.outside.put_fault(Agency.TAX, "slow", ms=SLOW_MS)
    submitting = asyncio.create_task(county.submit_batches(households, batch=20))

    async def both_at_work() -> bool:
        return all([await checks_opened(county, url) > known for url, known in zip(both, before, strict=True)])

    await until(both_at_work, "each of the two has opened checks")
    second.kill()
    assert not submitting.done(), "it was killed too late to be in mid-flow"
    applications = await submitting
    await county.outside.mend()
    await county.await_version(applications, 1)
    await assert_each_once(county, applications)


async def share_of_each(county: County, second: Second) -> bool:
    """Whether Kafka has dealt partitions to both processes."""
    assert second.process.poll() is None
    admin = county.platform.kafka_admin()  # kept: its answers never come once it is gone
    group = admin.describe_consumer_groups(["verification"])["verification"].result(ANSWER_S)
    return len(group.members) == 2 and all(member.assignment.topic_partitions for member in group.members)


async def checks_opened(county: County, url: str) -> int:
    """How many applications a process has taken since it started."""
    answer = await county.client.get(f"{url}/metrics")
    answer.raise_for_status()
    found = _TAKEN.search(answer.content)
    return int(found[1]) if found else 0
