"""What the supervisor is told about one process, and where on disk each of a platform's things lies."""

import json
import os
import signal
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process to be kept alive.

    `appear_as` is "self" or, for a program that refuses root, "namespace" (an ordinary user inside a user namespace)
    or "uid:N". `settings` is a digest of what it reads at its start: when that changes, the process is restarted.
    `own_folder` is a folder that no other process may stand in with the same program: leftovers there
    are ended, and `stale_files` in it removed, before a start.
    """

    name: str
    argv: tuple[str, ...]
    cwd: str
    env: dict[str, str] = field(default_factory=dict)
    stop_signal: int = signal.SIGTERM
    grace_s: float = 20.0
    appear_as: str = "self"
    settings: str = ""
    own_folder: str = ""
    stale_files: tuple[str, ...] = ()

    @staticmethod
    def from_json(data: dict[str, object]) -> "ProcessSpec":
        argv, stale = data.pop("argv"), data.pop("stale_files")
        assert isinstance(argv, list)
        assert isinstance(stale, list)
        return ProcessSpec(argv=tuple(argv), stale_files=tuple(stale), **data)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Layout:
    """The folders of one platform. Everything a run makes lies under `var`; jars are shared under the checkout's."""

    root: Path
    var: Path

    @property
    def run(self) -> Path:
        return self.var / "run"

    @property
    def log(self) -> Path:
        return self.var / "log"

    @property
    def secrets(self) -> Path:
        return self.var / "secrets"

    @property
    def site(self) -> Path:
        return self.var / "site"

    @property
    def postgres(self) -> Path:
        return self.var / "postgres"

    @property
    def kafka(self) -> Path:
        return self.var / "kafka"

    @property
    def jars(self) -> Path:
        return self.root / "var" / "jars"

    @property
    def clock(self) -> Path:
        return self.var / "clock.json"

    @property
    def wanted(self) -> Path:
        """The list of processes the supervisor keeps alive, in the order of their start."""
        return self.run / "wanted.json"

    @property
    def supervisor(self) -> Path:
        return self.run / "supervisor.json"

    def identity(self, name: str) -> Path:
        """The file that says which process is `name` now."""
        return self.run / "processes" / f"{name}.json"

    def log_file(self, name: str) -> Path:
        return self.log / f"{name}.log"

    def make(self) -> None:
        """Creates the folders; those that hold keys are closed to others."""
        for folder in (self.run / "processes", self.log, self.site, self.secrets):
            folder.mkdir(parents=True, exist_ok=True)
        for closed in (self.run, self.log, self.site, self.secrets):
            closed.chmod(0o700)


def write_wanted(layout: Layout, specs: Iterable[ProcessSpec]) -> None:
    """Replaces the list the supervisor works from."""
    write_private(layout.wanted, json.dumps([asdict(spec) for spec in specs], ensure_ascii=False, indent=1))


def read_wanted(layout: Layout) -> list[ProcessSpec]:
    """The list the supervisor works from; empty when there is none yet."""
    try:
        return [ProcessSpec.from_json(item) for item in json.loads(layout.wanted.read_text(encoding="utf-8"))]
    except FileNotFoundError:
        return []


def write_private(path: Path, text: str) -> None:
    """Writes a file only its owner may read, whole or not at all."""
    part = path.with_name(path.name + ".part")
    part.unlink(missing_ok=True)
    with open(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as out:
        out.write(text)
    os.replace(part, path)


def clean_environment(**extra: str) -> dict[str, str]:
    """What a child sees: nothing of the caller's environment but the search path and the home folder."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR") if name in os.environ}
    return kept | {"LC_ALL": "C.UTF-8", "LANG": "C.UTF-8", "TZ": "Asia/Shanghai", **extra}
