"""One platform on one machine, as a library: start parts of it or all, look at it, hurt it, stop it."""

import fcntl
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.local import kernel
from deploy.local.credentials import SecretBox
from deploy.local.kafka import ADMIN, Kafka
from deploy.local.ports import PortBook, answers
from deploy.local.postgres import Postgres
from deploy.local.process import Layout, ProcessSpec, read_wanted, write_wanted
from deploy.local.supervisor import sweep
from deploy.map import PlatformMap, read_map

if TYPE_CHECKING:
    from confluent_kafka.admin import AdminClient

READY_WITHIN_S = 60.0
"""How long one process may take to become ready."""

Progress = Callable[[str, str], None]
"""Told each step's name and its state: `starting`, `ready`, or a reason."""


class StartFailed(RuntimeError):
    """A process did not become ready; the text ends with the last lines of its log."""


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
        options: Mapping[str, Mapping[str, Any]] | None = None,
        lease: Path | None = None,
        progress: Progress | None = None,
    ) -> None:
        """`own_ports`: leave the map's ports to others. `options`: settings of services that replace the files'.

        `lease`: the supervisor stops everything once nobody holds a shared `flock` on this file.
        """
        self.root = root.resolve()
        self.var = var.resolve()
        self.map = platform_map or read_map()
        self.layout = Layout(self.root, self.var)
        self.layout.make()
        self.secrets = SecretBox(self.layout.secrets)
        self.ports = PortBook(self.var / "ports.json", self.map.ports, own_choice=own_ports)
        self.options = options or {}
        self._lease = lease
        self._progress = progress or (lambda name, state: None)
        self.postgres = Postgres(self.layout, self.secrets)
        self.kafka = Kafka(self.layout, self.secrets)

    def start(self, names: Iterable[str] | None = None) -> None:
        """Starts the named parts ("postgres", "kafka", "simulator", services), or all, and returns when all are ready.

        What already runs is left alone. Raises `StartFailed`.
        """
        chosen = self.parts() if names is None else list(names)
        with self._alone():
            for name in chosen:
                self._progress(name, "starting")
                self._start_one(name)
                self._progress(name, "ready")

    def parts(self) -> list[str]:
        """Every part of the platform in the order of its start."""
        return ["postgres", "kafka"]

    def stop(self, names: Iterable[str] | None = None) -> None:
        """Stops the named processes, or everything with the supervisor; only what this platform started."""
        with self._alone():
            if names is None:
                self._stop_all()
            else:
                self._stop_some(set(names))

    def _stop_some(self, unwanted: set[str]) -> None:
        self._want([spec for spec in read_wanted(self.layout) if spec.name not in unwanted])
        self._wait(lambda: unwanted.isdisjoint(self._standing()), f"{', '.join(sorted(unwanted))} would not stop")

    def _stop_all(self) -> None:
        keeper = kernel.Identity.read(self.layout.supervisor)
        if keeper is not None and kernel.send_signal(keeper, signal.SIGTERM):
            patience = sum(spec.grace_s for spec in read_wanted(self.layout)) + 10
            kernel.wait_gone(keeper, patience)
        sweep(self.layout)
        write_wanted(self.layout, [])

    def kill(self, name: str) -> None:
        """Ends a process by SIGKILL, as an accident would; the supervisor starts it again."""
        identity = self.processes().get(name)
        if identity is not None:
            kernel.send_signal(identity, signal.SIGKILL)

    def processes(self) -> dict[str, kernel.Identity]:
        """The live processes of this platform: name -> pid and start tick; the supervisor among them."""
        found = {}
        for name in ["supervisor", *(spec.name for spec in read_wanted(self.layout))]:
            identity = kernel.Identity.read(self._identity_path(name))
            if identity is not None and kernel.is_alive(identity):
                found[name] = identity
        return found

    def admin_dsn(self, database: str = "postgres") -> str:
        """PostgreSQL's superuser; for tests and tools, never for a service."""
        return self.postgres.dsn(self.ports["postgres"], database)

    def kafka_admin(self) -> "AdminClient":
        """Kafka's administrator, by confluent-kafka; for tests and tools, never for a service."""
        from deploy.local import topics

        return topics.connect(self.ports["kafka"], ADMIN, self.secrets.password("kafka-admin"))

    def kafka_admin_password(self) -> str:
        """The password of Kafka's user `admin` (SCRAM-SHA-512)."""
        return self.secrets.password("kafka-admin")

    def _start_one(self, name: str) -> None:
        if name == "postgres":
            self._run(name, lambda: self.postgres.spec(self.ports.claim(name)))
            self._await_ready(name, lambda: self.postgres.is_ready(self.ports[name]))
            self.postgres.make_databases(self.ports[name], self.map.services)
        elif name == "kafka":
            from deploy.local import topics

            self._run(name, lambda: self.kafka.spec(self.ports.claim(name), self.ports.claim("kafka-controller")))
            self._await_ready(name, lambda: answers(self.ports[name]))
            admin = self.kafka_admin()
            self._await_ready(name, lambda: topics.is_ready(admin))
            topics.prepare(admin, self.map, self.secrets)
        else:
            raise ValueError(f"{name!r} is no part of the platform; known: {', '.join(self.parts())}")

    def _run(self, name: str, make: Callable[[], ProcessSpec]) -> None:
        """Has the supervisor keep the process; a running one keeps its settings."""
        running = self.processes()
        if name in running and "supervisor" in running:
            return
        if "supervisor" not in running:
            self._start_supervisor()
        spec = make()
        self._want([*(other for other in read_wanted(self.layout) if other.name != name), spec])

    def _want(self, specs: list[ProcessSpec]) -> None:
        write_wanted(self.layout, specs)
        keeper = kernel.Identity.read(self.layout.supervisor)
        if keeper is not None:
            kernel.send_signal(keeper, signal.SIGHUP)

    def _start_supervisor(self) -> None:
        # What an earlier life left in the list would start before its turn.
        sweep(self.layout)
        write_wanted(self.layout, [])
        command = [sys.executable, "-m", "deploy.local.supervisor", str(self.var), str(self.root)]
        if self._lease is not None:
            command.append(str(self._lease))
        with self.layout.log_file("supervisor").open("ab") as log:
            keeper = subprocess.Popen(
                command, cwd=self.root, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        self._wait(
            lambda: "supervisor" in self.processes() or keeper.poll() is not None, "the supervisor does not start"
        )

    def _await_ready(self, name: str, ready: Callable[[], bool]) -> None:
        limit = time.monotonic() + READY_WITHIN_S
        while not ready():
            if time.monotonic() > limit:
                raise StartFailed(f"{name} was not ready after {READY_WITHIN_S:.0f} s.\n{self.last_log_lines(name)}")
            time.sleep(0.03)

    def _wait(self, happened: Callable[[], bool], complaint: str) -> None:
        limit = time.monotonic() + READY_WITHIN_S
        while not happened():
            if time.monotonic() > limit:
                raise StartFailed(f"{complaint} after {READY_WITHIN_S:.0f} s.\n{self.last_log_lines('supervisor')}")
            time.sleep(0.02)

    def last_log_lines(self, name: str, count: int = 20) -> str:
        """The end of a process's log."""
        try:
            lines = self.layout.log_file(name).read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return f"({name} has no log)"
        return "\n".join([f"The last lines of {self.layout.log_file(name)}:", *lines[-count:]])

    def _identity_path(self, name: str) -> Path:
        return self.layout.supervisor if name == "supervisor" else self.layout.identity(name)

    def _standing(self) -> set[str]:
        """Names of the processes that live, wanted or not."""
        files = self.layout.identity("x").parent.glob("*.json")
        return {path.stem for path in files if kernel.is_alive(kernel.Identity.read(path))}

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """One start or stop at a time, whoever asks for it."""
        with (self.layout.run / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
