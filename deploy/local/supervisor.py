"""Keeps the processes of one platform alive: starts, restarts with back-off, stops in reverse order.

It knows nothing of what they do. None of its children outlives it, not even after `kill -9`. Run as
`python -m deploy.local.supervisor VAR ROOT [LEASE]`: with a LEASE file it ends once nobody holds a lock on that file.
"""

import fcntl
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from deploy.local import kernel
from deploy.local.process import Layout, ProcessSpec, read_wanted

HEALTHY_AFTER_S = 5.0
LONGEST_PAUSE_S = 30.0
LONGEST_LOG_BYTES = 32 * 1024 * 1024
_WAKING = {signal.SIGCHLD, signal.SIGHUP, signal.SIGTERM, signal.SIGINT}


@dataclass(slots=True)
class _Child:
    spec: ProcessSpec
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    failures: int = 0
    next_try: float = 0.0


class Supervisor:
    """The keeper of one `var` folder; a second one on the same folder refuses to start."""

    def __init__(self, layout: Layout, lease: Path | None = None) -> None:
        self._layout = layout
        self._lease = lease
        self._children: dict[str, _Child] = {}

    def run(self) -> int:
        """Works until told to stop; returns the exit code."""
        self._layout.make()
        lock = self._take_lock()
        if lock is None:
            holder = kernel.Identity.read(self._layout.supervisor)
            print(f"a supervisor already keeps {self._layout.var} (pid {holder.pid if holder else '?'})")
            return 3
        with lock:
            signal.pthread_sigmask(signal.SIG_BLOCK, _WAKING)
            myself = kernel.identify(os.getpid())
            assert myself is not None
            sweep(self._layout)
            myself.save(self._layout.supervisor)
            self._read_wanted()
            lease = None
            while lease is None:
                self._keep()
                woken = signal.sigtimedwait(_WAKING, self._pause())
                if woken is not None and woken.si_signo in (signal.SIGTERM, signal.SIGINT):
                    break
                if woken is not None and woken.si_signo == signal.SIGHUP:
                    self._read_wanted()
                lease = self._lapsed_lease()
            self._stop(list(self._children))
            self._layout.supervisor.unlink(missing_ok=True)
            if lease is not None:
                lease.close()
        return 0

    def _take_lock(self) -> TextIO | None:
        lock = (self._layout.run / "supervisor.lock").open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            return None
        return lock

    def _lapsed_lease(self) -> TextIO | None:
        """The lease file, now locked by us, when nobody holds it any more; new users wait until we have ended."""
        if self._lease is None:
            return None
        handle = self._lease.open("w")
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            handle.close()
            return None
        return handle

    def _read_wanted(self) -> None:
        specs = {spec.name: spec for spec in read_wanted(self._layout)}
        self._stop([name for name, child in self._children.items() if specs.get(name) != child.spec])
        self._children = {name: self._children.get(name) or _Child(spec) for name, spec in specs.items()}

    def _keep(self) -> None:
        for child in self._children.values():
            if child.process is not None and child.process.poll() is not None:
                self._note_end(child)
            if child.process is None and time.monotonic() >= child.next_try:
                self._start(child)

    def _pause(self) -> float:
        now = time.monotonic()
        waits = [child.next_try - now for child in self._children.values() if child.process is None]
        return max(0.01, min([1.0, *waits]))

    def _note_end(self, child: _Child) -> None:
        assert child.process is not None
        healthy = time.monotonic() - child.started_at >= HEALTHY_AFTER_S
        child.failures = 1 if healthy else child.failures + 1
        pause = 0.0 if child.failures == 1 else min(LONGEST_PAUSE_S, 2.0 ** (child.failures - 2))
        child.next_try = time.monotonic() + pause
        _say(f"{child.spec.name} ended with {child.process.returncode}; next start in {pause:.0f} s")
        child.process = None
        self._layout.identity(child.spec.name).unlink(missing_ok=True)

    def _start(self, child: _Child) -> None:
        spec = child.spec
        child.started_at = time.monotonic()
        try:
            _clear(spec)
            child.process = self._spawn(spec)
        except (OSError, subprocess.SubprocessError) as error:
            child.failures += 1
            child.next_try = time.monotonic() + min(LONGEST_PAUSE_S, 2.0 ** (child.failures - 1))
            _say(f"{spec.name} could not be started: {error}")
            return
        identity = kernel.identify(child.process.pid)
        if identity is not None:
            identity.save(self._layout.identity(spec.name))
        _say(f"{spec.name} started (pid {child.process.pid})")

    def _spawn(self, spec: ProcessSpec) -> subprocess.Popen[bytes]:
        keeper = os.getpid()

        def become() -> None:
            kernel.appear_as(spec.appear_as)
            signal.pthread_sigmask(signal.SIG_SETMASK, [])
            kernel.die_with(keeper, spec.stop_signal)

        log = self._layout.log_file(spec.name)
        if log.exists() and log.stat().st_size > LONGEST_LOG_BYTES:
            os.replace(log, log.with_name(log.name + ".1"))
        # A file, not a pipe: a pipe would block or kill the children when we end.
        with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "wb") as out:
            return subprocess.Popen(
                spec.argv,
                cwd=spec.cwd,
                env=spec.env,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                start_new_session=True,
                preexec_fn=become,
            )

    def _stop(self, names: list[str]) -> None:
        for name in reversed(names):
            child = self._children.pop(name)
            if child.process is not None:
                child.process.send_signal(child.spec.stop_signal)
                try:
                    child.process.wait(child.spec.grace_s)
                except subprocess.TimeoutExpired:
                    child.process.kill()
                    child.process.wait()
                _say(f"{name} stopped ({child.process.returncode})")
            self._layout.identity(name).unlink(missing_ok=True)


def sweep(layout: Layout) -> None:
    """Ends what an earlier supervisor of this platform left behind, and nothing that merely reuses a pid."""
    signals = {spec.name: (spec.stop_signal, spec.grace_s) for spec in read_wanted(layout)}
    for path in layout.identity("x").parent.glob("*.json"):
        identity = kernel.Identity.read(path)
        if identity is not None:
            kernel.end(identity, *signals.get(path.stem, (signal.SIGTERM, 10.0)))
        path.unlink(missing_ok=True)


def _clear(spec: ProcessSpec) -> None:
    if not spec.own_folder:
        return
    folder = Path(spec.own_folder)
    if kernel.end_leftovers(folder, Path(spec.argv[0])):
        for name in spec.stale_files:
            (folder / name).unlink(missing_ok=True)


def _say(text: str) -> None:
    print(f"{time.strftime('%Y-%m-%dT%H:%M:%S')} {text}", flush=True)


def main(arguments: list[str]) -> int:
    var, root, *lease = arguments
    return Supervisor(Layout(Path(root), Path(var)), Path(lease[0]) if lease else None).run()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
