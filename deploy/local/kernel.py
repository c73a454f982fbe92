"""What we ask of the Linux kernel: who a process really is, signals that cannot hit a stranger, ties to a parent."""

import ctypes
import json
import os
import pwd
import select
import signal
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import NoReturn

_PR_SET_PDEATHSIG = 1
_CLONE_NEWUSER = 0x10000000
_NOBODY = 65534
_ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Identity:
    """One process, unmistakably: a pid is reused, a pid with its start tick within one boot is not."""

    pid: int
    start_ticks: int
    boot: str

    def save(self, path: Path) -> None:
        """Writes the identity for a later `read`, whole or not at all."""
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps(asdict(self)), encoding="utf-8")
        os.replace(part, path)

    @staticmethod
    def read(path: Path) -> "Identity | None":
        try:
            return Identity(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            return None


@cache
def boot_id() -> str:
    """Identifies this boot of the machine."""
    return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()


def identify(pid: int) -> Identity | None:
    """The live process that holds `pid` now; None when there is none, or only a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    fields = stat[stat.rindex(")") + 2 :].split()
    if fields[0] in "ZX":
        return None
    return Identity(pid, int(fields[19]), boot_id())


def is_alive(identity: Identity | None) -> bool:
    """Whether exactly this process still lives."""
    return identity is not None and identity.boot == boot_id() and identify(identity.pid) == identity


def send_signal(identity: Identity, number: int) -> bool:
    """Signals exactly this process, through a file descriptor that cannot come to mean another one."""
    try:
        handle = os.pidfd_open(identity.pid)
    except OSError:
        return False
    try:
        if not is_alive(identity):
            return False
        signal.pidfd_send_signal(handle, number)
        return True
    except ProcessLookupError:
        return False
    finally:
        os.close(handle)


def wait_gone(identity: Identity, seconds: float) -> bool:
    """Waits until the process has ended, at most `seconds`; True when it is gone."""
    try:
        handle = os.pidfd_open(identity.pid)
    except OSError:
        return True
    try:
        if not is_alive(identity):
            return True
        poller = select.poll()
        poller.register(handle, select.POLLIN)
        return bool(poller.poll(seconds * 1000))
    finally:
        os.close(handle)


def end(identity: Identity, number: int, grace_s: float) -> None:
    """Asks the process to end by signal `number`, and ends it by force when `grace_s` seconds have passed."""
    if send_signal(identity, number) and not wait_gone(identity, grace_s):
        send_signal(identity, signal.SIGKILL)
        wait_gone(identity, 5)


def die_with(parent: int, number: int) -> None:
    """In a fresh child: receive signal `number` when the parent ends; leave at once when it already has.

    Must be the last step before exec: a change of credentials clears the tie.
    """
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_PDEATHSIG, number, 0, 0, 0)
    if os.getppid() != parent:
        os._exit(1)


def enter_user_namespace() -> None:
    """In a fresh child: appear as an ordinary user with a name, while files stay owned by the one outside.

    Raises `OSError` where this machine does not allow it.
    """
    uid, gid, ordinary = os.geteuid(), os.getegid(), ordinary_user()
    if ctypes.CDLL(None, use_errno=True).unshare(_CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "user namespaces are not allowed here")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{ordinary} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{ordinary} {gid} 1", encoding="ascii")


@cache
def ordinary_user() -> int:
    """A user id that is not root's and has a name on this machine, as PostgreSQL demands; nobody's where it exists."""
    named = {entry.pw_uid for entry in pwd.getpwall()} - {0}
    return _NOBODY if _NOBODY in named or not named else max(named)


def has_name() -> bool:
    """Whether the machine's user database knows the user we run as."""
    try:
        pwd.getpwuid(os.geteuid())
    except KeyError:
        return False
    return True


def drop_to(uid: int) -> None:
    """In a fresh child of root: become an ordinary user for good."""
    os.setgroups([])
    os.setgid(uid)
    os.setuid(uid)


@cache
def allows_user_namespaces() -> bool:
    """Tries it in a child that ends at once."""
    return subprocess.run([*appearing_as("namespace"), sys.executable, "-c", ""], capture_output=True).returncode == 0


def appearing_as(who: str) -> list[str]:
    """What to put before a command so that it runs as "namespace" or "uid:N"; nothing for "self".

    For callers that may have threads: those must not fork to run code of their own in the child.
    """
    launcher = (
        "import sys; sys.path.insert(0, sys.argv[1]); from deploy.local.kernel import become; become(*sys.argv[2:])"
    )
    return [] if who == "self" else [sys.executable, "-c", launcher, str(_ROOT), who]


def become(who: str, *command: str) -> NoReturn:
    """Turns this process into `command`, appearing as "namespace" or "uid:N"."""
    appear_as(who)
    os.execv(command[0], command)


def appear_as(who: str) -> None:
    """In a fresh child: enter a user namespace ("namespace") or become a user ("uid:N"); "self" changes nothing."""
    if who == "namespace":
        enter_user_namespace()
    elif who.startswith("uid:"):
        drop_to(int(who.removeprefix("uid:")))


def end_leftovers(folder: Path, executable: Path, seconds: float = 10) -> bool:
    """Ends by force processes that stand in `folder` and run `executable`; True when none is left.

    A server killed by force may leave a worker behind that blocks its successor.
    """
    limit = time.monotonic() + seconds
    while found := _standing_in(folder, executable):
        for identity in found:
            send_signal(identity, signal.SIGKILL)
            wait_gone(identity, 1)
        if time.monotonic() > limit:
            return False
    return True


def _standing_in(folder: Path, executable: Path) -> list[Identity]:
    place, program, found = os.path.realpath(folder), os.path.realpath(executable), []
    for entry in os.listdir("/proc"):
        if not entry.isdigit():
            continue
        try:
            if os.readlink(f"/proc/{entry}/cwd") == place and os.readlink(f"/proc/{entry}/exe") == program:
                identity = identify(int(entry))
                if identity is not None:
                    found.append(identity)
        except OSError:
            continue
    return found
