"""One platform on one machine, as a library: start parts of it or all, look at it, hurt it, stop it."""

import hashlib
import signal
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.local import clock, kernel, probes, sites, tokens
from deploy.local.credentials import SecretBox
from deploy.local.kafka import ADMIN, Kafka
from deploy.local.keeper import Keeper, StartFailed, SupervisorGone
from deploy.local.ports import PortBook, answers
from deploy.local.postgres import Postgres
from deploy.local.process import Layout, ProcessSpec, clean_environment
from deploy.map import PlatformMap, read_map

if TYPE_CHECKING:
    from datetime import datetime

    from confluent_kafka.admin import AdminClient

Progress = Callable[[str, str], None]
"""Told a part's name and its state: "starting" or "ready"."""

_PROGRAMS: dict[str, tuple[str, ...]] = {"simulator": ("-m", "simulator"), "migrations": ("-m", "chassis.migrating")}

_SUPERVISORS = 3


class UnknownPart(ValueError):
    """No part of the platform has this name; the text lists the known ones."""


class LocalPlatform:
    """One platform: its processes, ports, secrets and data, all under one `var` folder.

    Several may live side by side on a machine, each in its own `var`. Every process is kept by a supervisor in the
    background, so the platform outlives the program that started it (unless `lease` is given).
    """

    def __init__(
        self,
        root: Path,
        var: Path,
        *,
        platform_map: PlatformMap | None = None,
        own_ports: bool = False,
        options: sites.Options | None = None,
        programs: Mapping[str, Sequence[str]] | None = None,
        doors: Mapping[str, int] | None = None,
        lease: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        """`own_ports`: leave the map's ports to others. `options`: settings of services that go before the file's.

        `programs`: what Python runs as a service, "simulator" or "migrations" in place of the usual.
        `doors`: the ports by which services reach "postgres", "kafka" or "simulator" where those are not the process's
        own, for whoever stands in between.
        `lease`: the supervisor stops everything once nobody holds a shared `flock` on this file.
        """
        self.root = root.resolve()
        self.var = var.resolve()
        self.map = platform_map or read_map()
        self.layout = Layout(self.root, self.var)
        self.layout.make()
        self.secrets = SecretBox(self.layout.secrets)
        self.ports = PortBook(self.var / "ports.json", self.map.ports, own_choice=own_ports)
        self.postgres = Postgres(self.layout, self.secrets)
        self.kafka = Kafka(self.layout, self.secrets)
        self._keeper = Keeper(self.layout, lease)
        self._options = options or {}
        self._doors = dict(doors or {})
        self._programs: dict[str, tuple[str, ...]] = _PROGRAMS | {
            name: ("-m", "chassis.run", name) for name in self.map.services
        }
        self._programs |= {name: tuple(program) for name, program in (programs or {}).items()}
        self._progress = progress or (lambda name, state: None)

    @property
    def parts(self) -> list[str]:
        """Every part of the platform in the order of its start."""
        return ["postgres", "kafka", "topics", "migrations", "simulator", *self.map.services]

    def start(self, names: Iterable[str] | None = None) -> None:
        """Starts the named parts, or all, in the platform's order; returns when all are ready.

        "kafka" brings "topics" with it. What already runs is left alone, unless its settings have changed.
        Raises `StartFailed`, `UnknownPart`.
        """
        chosen = set(self.parts if names is None else names)
        if unknown := chosen - set(self.parts):
            raise UnknownPart(f"{', '.join(unknown)}: no part of the platform; known: {', '.join(self.parts)}")
        if "kafka" in chosen:
            chosen.add("topics")
        with self._keeper.alone():
            for _ in range(_SUPERVISORS):
                self._keeper.stand()
                try:
                    return self._start(chosen)
                except SupervisorGone as error:
                    # Killed before our eyes, and all the others with it: begin again.
                    gone = error
            raise gone

    def stop(self, names: Iterable[str] | None = None) -> None:
        """Stops the named processes, or everything with the supervisor; only what this platform started."""
        with self._keeper.alone():
            if names is None:
                self._keeper.stop()
            else:
                self._keeper.forget(set(names))

    def kill(self, name: str) -> None:
        """Ends a process by SIGKILL, as an accident would; returns when it is gone. Its supervisor starts it again."""
        identity = self.processes()[name]
        kernel.send_signal(identity, signal.SIGKILL)
        kernel.wait_gone(identity, 5)

    def signal(self, name: str, number: int) -> None:
        """Sends a signal to a process, for example SIGSTOP and SIGCONT; raises `KeyError` when it does not live."""
        kernel.send_signal(self.processes()[name], number)

    def processes(self) -> dict[str, kernel.Identity]:
        """The live processes of this platform: name -> pid and start tick; the supervisor among them."""
        return self._keeper.living()

    def is_ready(self, name: str) -> bool:
        """Whether a process does its work now."""
        if name == "postgres":
            return self.postgres.is_ready(self.ports[name])
        if name == "kafka":
            return answers(self.ports[name])
        return probes.is_ready(self.ports[name])

    def await_ready(self, name: str) -> None:
        """Waits until a process does its work; raises `StartFailed`."""
        self._keeper.await_ready(name, lambda: self.is_ready(name))

    def url(self, name: str) -> str:
        """Where a service or the simulator listens."""
        return f"http://127.0.0.1:{self.ports[name]}"

    def site_file(self, name: str) -> Path:
        """What a service (or "simulator") is told about this place; written by `write_sites` and by `start`."""
        return sites.site_file(self.layout, name)

    def write_sites(self) -> None:
        """Writes the site files of all services, as `start` does before the first of them."""
        sites.write_sites(self.layout, self.map, self.ports, self.secrets, self._options, self._doors)

    def token(self, role: str, office: str, subject: str | None = None) -> str:
        """A token of this platform's issuer, for twelve hours."""
        return tokens.sign_token(self.secrets, role=role, office=office, subject=subject)

    def clock_forward(self, days: int) -> "datetime":
        """Moves business time forward; returns the new time once every running service shows its date."""
        running = self.processes()
        ports = [self.ports[name] for name in self.map.services if name in running]
        return clock.forward(self.layout, days, ports)

    def admin_dsn(self, database: str = "postgres") -> str:
        """PostgreSQL's superuser; for tests and tools, never for a service."""
        return self.postgres.dsn(self.ports["postgres"], database)

    def kafka_admin(self) -> "AdminClient":
        """Kafka's administrator, by confluent-kafka; for tests and tools, never for a service."""
        from deploy.local import topics

        return topics.connect(self.ports["kafka"], ADMIN, self.kafka_admin_password())

    def kafka_admin_password(self) -> str:
        """The password of Kafka's user `admin` (SCRAM-SHA-512)."""
        return self.secrets.password("kafka-admin")

    def last_log_lines(self, name: str, count: int = 20) -> str:
        """The end of a process's log."""
        return self._keeper.last_lines(name, count)

    def _start(self, chosen: set[str]) -> None:
        steps = {
            "postgres": self._start_postgres,
            "kafka": self._start_kafka,
            "topics": self._make_topics,
            "migrations": self._migrate,
        }
        for name in (name for name in steps if name in chosen):
            self._progress(name, "starting")
            steps[name]()
            self._progress(name, "ready")
        self._start_programs([name for name in self.parts if name in chosen and name not in steps])

    def _start_postgres(self) -> None:
        if "postgres" not in self._keeper.kept():
            self._keeper.keep(self.postgres.spec(self.ports.claim("postgres")))
        self.await_ready("postgres")
        self.postgres.make_databases(self.ports["postgres"], self.map.services)

    def _start_kafka(self) -> None:
        if "kafka" not in self._keeper.kept():
            port, controller_port = self.ports.claim("kafka"), self.ports.claim("kafka-controller")
            self._keeper.keep(self.kafka.spec(port, controller_port, door=self._doors.get("kafka")))
        self.await_ready("kafka")

    def _make_topics(self) -> None:
        from confluent_kafka import KafkaException

        from deploy.local import topics

        admin = self.kafka_admin()
        self._keeper.await_ready("kafka", lambda: topics.is_ready(admin))
        try:
            topics.prepare(admin, self.map, self.secrets)
        except KafkaException as refusal:
            problem = refusal.args[0].str()
            raise StartFailed(f"Kafka refused topics or rules: {problem}\n{self.last_log_lines('kafka')}") from None

    def _migrate(self) -> None:
        self.write_sites()
        with self.layout.log_file("migrations").open("ab") as log:
            command = [sys.executable, *self._programs["migrations"], str(sites.migrations_file(self.layout))]
            done = subprocess.run(
                command,
                cwd=self.root,
                env=clean_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                check=False,
            )
        if done.returncode != 0:
            raise StartFailed(f"The migrations failed ({done.returncode}).\n{self.last_log_lines('migrations')}")

    def _start_programs(self, names: list[str]) -> None:
        running = self._keeper.kept()
        for name in names:
            if name not in running:
                self.ports.claim(name)
        self.write_sites()
        for name in names:
            self._progress(name, "starting")
            self._keeper.keep(self._program(name))
        for name in names:
            self.await_ready(name)
            self._progress(name, "ready")

    def _program(self, name: str) -> ProcessSpec:
        site = self.site_file(name)
        return ProcessSpec(
            name=name,
            argv=(sys.executable, *self._programs[name]),
            cwd=str(self.root),
            env=clean_environment(HEDUI_SITE_FILE=str(site)),
            settings=hashlib.sha256(site.read_bytes()).hexdigest(),
        )
