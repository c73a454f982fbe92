"""Apache Kafka's jars: fetched once by Maven coordinates, accepted only with the listed SHA-256."""

import fcntl
import hashlib
import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LIST = Path(__file__).with_name("kafka-jars.tsv")
MIRROR_VARIABLE = "HEDUI_MAVEN_MIRROR"
CONNECTIONS = 4
TRIES = 5
PAUSE_S = 0.3
"""Doubled before each further try."""


class JarsUnavailable(RuntimeError):
    """The jars could not be had; the text names the step, the cause and the remedy."""


@dataclass(frozen=True, slots=True)
class Jar:
    """One line of the list: where a Maven repository keeps it, and what its bytes must hash to."""

    group: str
    artifact: str
    version: str
    sha256: str

    @property
    def file_name(self) -> str:
        return f"{self.artifact}-{self.version}.jar"

    @property
    def path(self) -> str:
        """The standard repository layout, relative to the repository's address."""
        return f"{self.group.replace('.', '/')}/{self.artifact}/{self.version}/{self.file_name}"


def listed(source: Path = LIST) -> tuple[Jar, ...]:
    """The jars of one Kafka release, read from the tab-separated list kept in the project."""
    lines = source.read_text(encoding="utf-8").splitlines()
    return tuple(Jar(*line.split("\t")) for line in lines if line.strip())


def repository() -> str:
    """The repository's address: a mirror from the environment, else the one the `jgo` package knows."""
    if mirror := os.environ.get(MIRROR_VARIABLE):
        return mirror.rstrip("/")
    from jgo.constants import MAVEN_CENTRAL_URL

    return str(MAVEN_CENTRAL_URL).rstrip("/")


def fetch(folder: Path, jars: tuple[Jar, ...] | None = None, *, address: str | None = None) -> int:
    """Brings every listed jar into `folder` and returns how many had to be fetched.

    Interrupted, repeated or run twice at once it ends in the same state. Raises `JarsUnavailable`.
    """
    wanted = listed() if jars is None else jars
    folder.mkdir(parents=True, exist_ok=True)
    with _alone(folder / ".lock"):
        missing = [jar for jar in wanted if not _is_whole(folder / jar.file_name, jar.sha256)]
        if missing:
            _fetch_all(folder, missing, repository() if address is None else address)
        names = {jar.file_name for jar in wanted}
        for stray in folder.glob("*.jar"):
            if stray.name not in names:
                stray.unlink()
    return len(missing)


def complete(folder: Path) -> bool:
    """Whether every listed jar is present (by name; contents are checked when they are fetched)."""
    return all((folder / jar.file_name).is_file() for jar in listed())


def _fetch_all(folder: Path, missing: list[Jar], address: str) -> None:
    import ssl

    import httpx
    import truststore

    trust = truststore.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    limits = httpx.Limits(max_connections=CONNECTIONS, max_keepalive_connections=CONNECTIONS)
    with httpx.Client(verify=trust, limits=limits, timeout=60, follow_redirects=True) as client:

        def one(jar: Jar) -> None:
            _fetch_one(client, f"{address}/{jar.path}", folder / jar.file_name, jar)

        with ThreadPoolExecutor(CONNECTIONS) as pool:
            for _ in pool.map(one, missing):
                pass


def _fetch_one(client: "httpx.Client", url: str, target: Path, jar: Jar) -> None:  # type: ignore[name-defined]  # noqa: F821
    import httpx

    part = target.with_name(target.name + ".part")
    problem = ""
    for attempt in range(TRIES):
        if attempt:
            time.sleep(PAUSE_S * 2**attempt)
        try:
            digest = hashlib.sha256()
            with client.stream("GET", url) as answer, part.open("wb") as out:
                answer.raise_for_status()
                for block in answer.iter_bytes():
                    digest.update(block)
                    out.write(block)
        except (httpx.HTTPError, OSError) as error:
            problem = f"{type(error).__name__}: {error}"
            continue
        if digest.hexdigest() == jar.sha256:
            os.replace(part, target)
            return
        problem = f"its SHA-256 is {digest.hexdigest()}, the list says {jar.sha256}"
    part.unlink(missing_ok=True)
    raise JarsUnavailable(
        f"Step 'Kafka jars' failed: {jar.file_name} could not be had after {TRIES} tries ({problem}).\n"
        f"What to do: check the network, or name a mirror of the Maven repository in {MIRROR_VARIABLE} "
        f"(for example a company proxy), or put the file into {target.parent} by hand; then run the same command again."
    )


def _is_whole(path: Path, sha256: str) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest() == sha256


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    with lock.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
