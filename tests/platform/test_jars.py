"""Only whole, verified jars are kept; what goes wrong is told with the remedy."""

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from deploy.local import jars
from deploy.local.jars import Jar, JarsUnavailable, fetch

BODY = b"not much of a jar" * 1000
JARS = tuple(Jar("org.example", f"part-{n}", "1.0", hashlib.sha256(BODY).hexdigest()) for n in range(6))


class Mirror:
    """A repository on this machine; `fault` is asked before each answer and may spoil it."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.cut_first = 0
        mirror = self

        class Door(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                mirror.asked.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", str(len(BODY)))
                self.end_headers()
                cut = len(mirror.asked) <= mirror.cut_first
                self.wfile.write(BODY[:100] if cut else BODY)

            def log_message(self, *arguments: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
        self.address = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    mirror = Mirror()
    yield mirror
    mirror.close()


@pytest.fixture(autouse=True)
def without_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jars, "PAUSE_S", 0.0)


def test_every_listed_jar_arrives_once_and_strays_go(mirror: Mirror, tmp_path: Path) -> None:
    (tmp_path / "older-version.jar").write_bytes(b"from an older list")
    assert fetch(tmp_path, JARS, address=mirror.address) == len(JARS)
    assert fetch(tmp_path, JARS, address=mirror.address) == 0
    assert sorted(path.name for path in tmp_path.glob("*.jar")) == [jar.file_name for jar in JARS]
    assert sorted(mirror.asked) == [f"/org/example/part-{n}/1.0/part-{n}-1.0.jar" for n in range(6)]


def test_a_wrong_checksum_is_refused_and_the_message_says_what_to_do(mirror: Mirror, tmp_path: Path) -> None:
    wrong = replace(JARS[0], sha256="0" * 64)
    with pytest.raises(JarsUnavailable) as refusal:
        fetch(tmp_path, (wrong,), address=mirror.address)
    for needed in ("Step 'Kafka jars' failed", wrong.file_name, "SHA-256", "What to do", jars.MIRROR_VARIABLE):
        assert needed in str(refusal.value)
    assert not list(tmp_path.glob("*.jar*"))
    assert len(mirror.asked) == jars.TRIES


def test_a_spoilt_file_on_disk_is_fetched_again(mirror: Mirror, tmp_path: Path) -> None:
    fetch(tmp_path, JARS, address=mirror.address)
    (tmp_path / JARS[2].file_name).write_bytes(BODY[:50])
    assert fetch(tmp_path, JARS, address=mirror.address) == 1
    assert (tmp_path / JARS[2].file_name).read_bytes() == BODY


def test_broken_transfers_are_tried_again(mirror: Mirror, tmp_path: Path) -> None:
    mirror.cut_first = 3
    assert fetch(tmp_path, JARS, address=mirror.address) == len(JARS)


def test_two_at_once_fetch_each_jar_once(mirror: Mirror, tmp_path: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        counts = list(pool.map(lambda _: fetch(tmp_path, JARS, address=mirror.address), range(2)))
    assert sorted(counts) == [0, len(JARS)]


def test_without_a_repository_the_message_names_step_cause_and_remedy(mirror: Mirror, tmp_path: Path) -> None:
    mirror.close()
    with pytest.raises(JarsUnavailable, match=r"Step 'Kafka jars' failed.*(?s:.)*What to do"):
        fetch(tmp_path, JARS[:1], address=mirror.address)


def test_a_mirror_named_in_the_environment_goes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(jars.MIRROR_VARIABLE, "http://mirror.invalid/maven/")
    assert jars.repository() == "http://mirror.invalid/maven"


def test_the_list_is_complete_and_well_formed() -> None:
    listed = jars.listed()
    assert len(listed) == 46
    assert len({jar.file_name for jar in listed}) == 46
    assert all(len(jar.sha256) == 64 for jar in listed)
    assert any(jar.artifact == "kafka_2.13" and jar.version == "4.3.1" for jar in listed)
