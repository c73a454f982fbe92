"""Sets the project up from nothing but Python and make: a virtual environment, the pinned packages, Kafka's jars.

`python3 -m deploy.local.bootstrap [--tests] [--choose]`. Only the standard library, and only syntax that an older
Python can read far enough to be told that it is too old.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from deploy.local.interpreter import OLDEST, quickest, this_python

ROOT = Path(__file__).resolve().parents[2]
VENV = ROOT / "var" / "venv"
PYTHON = VENV / "bin" / "python"
_LISTS = ROOT / "requirements"
_TRIES = 3


class SetupFailed(Exception):
    """A step failed; the text names the step, the cause and the remedy."""


def main(arguments: list[str]) -> int:
    """Returns 0 when everything is there (a second run takes a moment), 1 with the reason otherwise."""
    try:
        check_machine()
        (ROOT / "var").mkdir(exist_ok=True)
        with (ROOT / "var" / "setup.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            make_venv(VENV, choose="--choose" in arguments)
            _install("run", ["run.txt"])
            if "--tests" in arguments:
                _install("dev", ["run.txt", "dev.txt"])
            done = subprocess.run([PYTHON, "-m", "deploy.local", "setup"], cwd=ROOT, check=False)
    except SetupFailed as failure:
        print(f"\n{failure}", file=sys.stderr)
        return 1
    return done.returncode


def check_machine() -> None:
    """Raises `SetupFailed` where the platform cannot run at all."""
    if sys.version_info < OLDEST:
        found = ".".join(str(part) for part in sys.version_info[:3])
        raise SetupFailed(
            f"Step 'Python' failed: this is Python {found}, Hedui needs 3.11 or later.\n"
            "What to do: install a newer Python and name it, for example: make setup PYTHON=python3.12"
        )
    if sys.platform != "linux":
        raise SetupFailed(
            f"Step 'system' failed: the one-machine platform runs on Linux, this is {sys.platform}.\n"
            "What to do: use a Linux machine, a virtual machine, or WSL on Windows."
        )


def make_venv(venv: Path, *, choose: bool = False) -> None:
    """Makes the virtual environment unless a working one is there, of this Python or, to `choose`, of the quickest.

    Raises `SetupFailed`.
    """
    if works([venv / "bin" / "python", "-c", f"import sys, pip; assert sys.version_info >= {OLDEST!r}"]):
        return
    python = quickest() if choose else this_python()
    if not python.has_venv:
        version = f"{sys.version_info[0]}.{sys.version_info[1]}"
        raise SetupFailed(
            "Step 'virtual environment' failed: this Python came without its venv module.\n"
            f"What to do: on Debian and Ubuntu, apt-get install python{version}-venv; then run the same command again."
        )
    if python.path != sys.executable:
        print(f"{python.path} is the quickest Python here; PYTHON=… names another", flush=True)
    print(f"Making the virtual environment {venv} (Python {python.version})", flush=True)
    done = subprocess.run([python.path, "-m", "venv", "--clear", venv], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(venv, ignore_errors=True)
        raise SetupFailed(
            f"Step 'virtual environment' failed: {(done.stderr or done.stdout).strip()}\n"
            "What to do: mend the cause (often a missing python3-venv package, or a full disk) and run it again."
        )


def _install(name: str, lists: list[str]) -> None:
    """Installs what the lists pin, unless exactly this has been installed before."""
    digest = hashlib.sha256()
    for file_name in ["boot.txt", *lists]:
        digest.update((_LISTS / file_name).read_bytes())
    stamp = VENV / f".installed-{name}"
    if stamp.exists() and stamp.read_text(encoding="ascii") == digest.hexdigest():
        return
    begun = time.monotonic()
    print(f"Installing the packages of {' and '.join(lists)}", flush=True)
    wanted = [part for file_name in lists for part in ("-r", str(_LISTS / file_name))]
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    ways = [[str(VENV / "bin" / "uv"), "pip", "install", "--quiet", "--require-hashes", *wanted], [*pip, *wanted]]
    if not works([*pip, "-r", str(_LISTS / "boot.txt")]) or not works([ways[0][0], "--version"]):
        ways.pop(0)
        print("uv cannot be had here; going on with pip, which is slower", flush=True)
    for attempt in range(_TRIES):
        for way in ways:
            if subprocess.run(way, env=installer_environment(), check=False).returncode == 0:
                part = stamp.with_name(f"{stamp.name}.part")
                part.write_text(digest.hexdigest(), encoding="ascii")
                os.replace(part, stamp)
                print(f"Packages installed in {time.monotonic() - begun:.0f} s", flush=True)
                return
        time.sleep(2**attempt)
    raise SetupFailed(
        f"Step 'packages' failed: {' and '.join(lists)} could not be installed; the installer's reason stands above.\n"
        "What to do: check the network and the disk; a package mirror is taken from pip's own settings "
        "(PIP_INDEX_URL or `pip config`). Then run the same command again: it goes on where it stopped."
    )


def installer_environment() -> dict[str, str]:
    """uv does not read pip's settings: hands on what pip was told about mirrors and certificates."""
    environment = dict(os.environ)
    environment.update(VIRTUAL_ENV=str(VENV), UV_PYTHON_DOWNLOADS="never", UV_NO_PROGRESS="1", UV_NO_CONFIG="1")
    environment.setdefault("UV_SYSTEM_CERTS", "1")
    for theirs, setting, ours in (
        ("PIP_INDEX_URL", "index-url", "UV_DEFAULT_INDEX"),
        ("PIP_EXTRA_INDEX_URL", "extra-index-url", "UV_INDEX"),
        ("PIP_FIND_LINKS", "find-links", "UV_FIND_LINKS"),
        ("PIP_CERT", "cert", "SSL_CERT_FILE"),
    ):
        value = os.environ.get(theirs) or _pip_setting(setting)
        if value:
            environment.setdefault(ours, value)
    return environment


def _pip_setting(name: str) -> str:
    command = [str(PYTHON), "-m", "pip", "config", "get", f"global.{name}"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout.strip()


def works(command: Sequence[str | Path]) -> bool:
    """Whether the command can be run and says yes."""
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
