"""Platforms of two stand-in services, each under a folder of its own: they need neither PostgreSQL nor Kafka."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.local.platform import LocalPlatform
from deploy.map import parse_map

ROOT = Path(__file__).resolve().parents[2]
STAND_IN = ("-m", "tests.platform.stand_in")
SERVICES = ["first", "second"]

MakePlatform = Callable[..., LocalPlatform]


@pytest.fixture
def make_platform(tmp_path: Path) -> Iterator[MakePlatform]:
    """Makes (again) the platform of this test; whatever it started is stopped in the end."""
    made: list[LocalPlatform] = []

    def make(**changes: Any) -> LocalPlatform:
        platform_map = parse_map(
            {
                "postgres": {"port": 5440},
                "kafka": {"port": 9392, "controller_port": 9393},
                "simulator": {"port": 8190},
                "services": {name: {"port": 8101 + n, "replicas": 1} for n, name in enumerate(SERVICES)},
                "topics": {},
            }
        )
        settings: dict[str, Any] = {
            "platform_map": platform_map,
            "own_ports": True,
            "programs": dict.fromkeys(SERVICES, STAND_IN),
        }
        made.append(LocalPlatform(ROOT, tmp_path / "核对 var", **(settings | changes)))
        return made[-1]

    yield make
    for platform in made[:1]:
        platform.stop()
