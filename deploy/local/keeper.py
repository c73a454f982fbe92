"""Talks to the supervisor of one platform: have this kept alive, stop that, who lives."""

import fcntl
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.local import kernel
from deploy.local.process import Layout, ProcessSpec, read_wanted, write_wanted
from deploy.local.supervisor import sweep

READY_WITHIN_S = 60.0
"""How long one process may take to become ready, or to stop."""
TOO_MANY_STARTS = 3
"""A process that had to be started this often while we waited for it is given up."""
SUPERVISOR = "supervisor"


class StartFailed(RuntimeError):
    """A process did not become ready; the text ends with the last lines of its log."""


class SupervisorGone(StartFailed):
    """The supervisor ended while we waited for a process: everything has to be started again."""


class Keeper:
    """The supervisor of one `var` folder, seen from outside; starts it when it is needed."""

    def __init__(self, layout: Layout, lease: Path | None) -> None:
        self._layout = layout
        self._lease = lease

    @contextmanager
    def alone(self) -> Iterator[None]:
        """One start or stop at a time, whoever asks for it."""
        with (self._layout.run / "start.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def stand(self) -> None:
        """Sees to it that there is a supervisor; a new one begins with an empty list."""
        if SUPERVISOR not in self.living():
            self._start_supervisor()

    def keep(self, spec: ProcessSpec) -> None:
        """Has the process kept alive from now on; one that runs under other settings is restarted.

        Raises `SupervisorGone`: what was kept before it ended is on nobody's list any more.
        """
        if SUPERVISOR not in self.living():
            raise self._gone()
        wanted = read_wanted(self._layout)
        if spec in wanted:
            return
        names = [other.name for other in wanted]
        if spec.name in names:
            wanted[names.index(spec.name)] = spec
        else:
            wanted.append(spec)
        self._want(wanted)

    def forget(self, names: set[str]) -> None:
        """Stops the named processes and keeps the others."""
        self._want([spec for spec in read_wanted(self._layout) if spec.name not in names])
        self._wait(lambda: names.isdisjoint(self._standing()), f"{', '.join(sorted(names))} would not stop")

    def stop(self) -> None:
        """Stops every process of the platform, in the reverse order of their start, and the supervisor."""
        keeper = kernel.Identity.read(self._layout.supervisor)
        if keeper is not None and kernel.send_signal(keeper, signal.SIGTERM):
            kernel.wait_gone(keeper, sum(spec.grace_s for spec in read_wanted(self._layout)) + 10)
        sweep(self._layout)
        write_wanted(self._layout, [])

    def living(self) -> dict[str, kernel.Identity]:
        """The live processes that are to be kept, and the supervisor."""
        files = {spec.name: self._layout.identity(spec.name) for spec in read_wanted(self._layout)}
        found = {}
        for name, path in {SUPERVISOR: self._layout.supervisor, **files}.items():
            identity = kernel.Identity.read(path)
            if identity is not None and kernel.is_alive(identity):
                found[name] = identity
        return found

    def kept(self) -> set[str]:
        """Names of the processes that live under a living supervisor."""
        living = self.living()
        return set(living) if SUPERVISOR in living else set()

    def await_ready(self, name: str, ready: Callable[[], bool]) -> None:
        """Waits until `ready()`; raises `StartFailed` when it takes too long or the process keeps ending."""
        limit = time.monotonic() + READY_WITHIN_S
        starts: set[kernel.Identity] = set()
        while not ready():
            identity = kernel.Identity.read(self._layout.identity(name))
            if identity is not None:
                starts.add(identity)
            if not kernel.is_alive(kernel.Identity.read(self._layout.supervisor)):
                raise self._gone()
            if len(starts) >= TOO_MANY_STARTS:
                raise StartFailed(f"{name} ended {len(starts) - 1} times while starting.\n{self.last_lines(name)}")
            if time.monotonic() > limit:
                raise StartFailed(f"{name} was not ready after {READY_WITHIN_S:.0f} s.\n{self.last_lines(name)}")
            time.sleep(0.03)

    def last_lines(self, name: str, count: int = 20) -> str:
        """The end of a process's log, under a line that names the file."""
        path = self._layout.log_file(name)
        try:
            lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        except FileNotFoundError:
            return f"({name} wrote no log)"
        return "\n".join([f"The last lines of {path}:", *(f"  {line}" for line in lines[-count:])])

    def _gone(self) -> SupervisorGone:
        return SupervisorGone(f"The supervisor ended.\n{self.last_lines(SUPERVISOR)}")

    def _start_supervisor(self) -> None:
        # What an earlier life left in the list would start before its turn.
        sweep(self._layout)
        write_wanted(self._layout, [])
        command = [sys.executable, "-m", "deploy.local.supervisor", str(self._layout.var), str(self._layout.root)]
        if self._lease is not None:
            command.append(str(self._lease))
        with self._layout.log_file(SUPERVISOR).open("ab") as log:
            supervisor = subprocess.Popen(
                command,
                cwd=self._layout.root,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        self._wait(lambda: SUPERVISOR in self.living() or supervisor.poll() is not None, "No supervisor started")
        if SUPERVISOR not in self.living():
            raise StartFailed(f"The supervisor ended at once.\n{self.last_lines(SUPERVISOR)}")

    def _want(self, specs: list[ProcessSpec]) -> None:
        write_wanted(self._layout, specs)
        supervisor = kernel.Identity.read(self._layout.supervisor)
        if supervisor is not None:
            kernel.send_signal(supervisor, signal.SIGHUP)

    def _standing(self) -> set[str]:
        files = self._layout.identity("x").parent.glob("*.json")
        return {path.stem for path in files if kernel.is_alive(kernel.Identity.read(path))}

    def _wait(self, happened: Callable[[], bool], complaint: str) -> None:
        limit = time.monotonic() + READY_WITHIN_S
        while not happened():
            if time.monotonic() > limit:
                raise StartFailed(f"{complaint} within {READY_WITHIN_S:.0f} s.\n{self.last_lines(SUPERVISOR)}")
            time.sleep(0.02)
