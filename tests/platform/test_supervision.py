"""Whatever is killed, the next start repairs; nothing outlives its supervisor; strangers are left alone."""

import fcntl
import json
import os
import signal
import socket
import subprocess
import sys
from dataclasses import asdict, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from deploy.local import clock, kernel
from deploy.local.keeper import Keeper, StartFailed
from deploy.local.process import ProcessSpec
from deploy.map import parse_map
from tests.platform.conftest import ROOT, SERVICES, MakePlatform

PATIENCE_S = 20.0


def test_starting_twice_changes_nothing(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.start(SERVICES)
    before = platform.processes()
    make_platform().start(SERVICES)
    assert platform.processes() == before
    assert set(before) == {"supervisor", *SERVICES}


def test_a_killed_process_is_started_again_and_its_neighbour_keeps_running(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.start(SERVICES)
    before = platform.processes()
    platform.kill("first")
    platform.await_ready("first")
    after = platform.processes()
    assert after["first"] != before["first"]
    assert after["second"] == before["second"]


def test_no_process_outlives_its_supervisor_and_the_next_start_repairs(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.start(SERVICES)
    before = platform.processes()
    platform.kill("supervisor")
    for identity in before.values():
        assert kernel.wait_gone(identity, PATIENCE_S)
    platform.start(SERVICES)
    assert set(platform.processes()) == {"supervisor", *SERVICES}


def test_a_start_repairs_the_whole_tree_killed_at_once(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.start(SERVICES)
    before = platform.processes()
    for identity in before.values():
        kernel.send_signal(identity, signal.SIGKILL)
    platform.start(SERVICES)
    after = platform.processes()
    assert set(after) == set(before)
    assert not set(after.values()) & set(before.values())


def test_a_supervisor_that_dies_between_two_starts_leaves_nothing_out(
    make_platform: MakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    platform = make_platform()
    keep, kept = Keeper.keep, list[str]()

    def keep_and_lose_the_supervisor(keeper: Keeper, spec: ProcessSpec) -> None:
        keep(keeper, spec)
        kept.append(spec.name)
        if len(kept) == 1:
            platform.kill("supervisor")

    monkeypatch.setattr(Keeper, "keep", keep_and_lose_the_supervisor)
    platform.start(SERVICES)
    assert kept == ["first", "first", "second"]
    assert set(platform.processes()) == {"supervisor", *SERVICES}


def test_a_stop_ends_everything_and_a_second_stop_does_no_harm(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.start(SERVICES)
    before = platform.processes()
    platform.stop()
    assert not any(kernel.is_alive(identity) for identity in before.values())
    log = platform.layout.log_file("supervisor").read_text()
    assert log.index("second stopped") < log.index("first stopped"), "stopped in the reverse order of the start"
    platform.stop()
    assert platform.processes() == {}


def test_a_process_that_merely_reuses_a_pid_is_left_alone(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.start(["first"])
    platform.kill("supervisor")
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        identity = kernel.identify(stranger.pid)
        assert identity is not None
        earlier = [replace(identity, start_ticks=identity.start_ticks - 1), replace(identity, boot="another boot")]
        for number, forged in enumerate(earlier):
            path = platform.layout.identity(f"forged-{number}")
            path.write_text(json.dumps(asdict(forged)))
            platform.layout.supervisor.write_text(json.dumps(asdict(forged)))
            platform.stop()
            assert not path.exists()
            assert stranger.poll() is None
        # The control: an exact match is ours, and is ended.
        identity.save(platform.layout.identity("ours"))
        platform.stop()
        assert stranger.wait(PATIENCE_S) == -signal.SIGTERM
    finally:
        stranger.kill()
        stranger.communicate()


def test_a_taken_port_is_left_to_its_owner_and_the_other_choice_is_remembered(make_platform: MakePlatform) -> None:
    with socket.create_server(("127.0.0.1", 0)) as owner:
        taken = owner.getsockname()[1]
        services = {"first": {"port": taken, "replicas": 1}, "second": {"port": taken + 1, "replicas": 1}}
        fixed = {"postgres": {"port": 1}, "kafka": {"port": 2, "controller_port": 3}, "simulator": {"port": 4}}
        platform = make_platform(platform_map=parse_map({**fixed, "services": services, "topics": {}}), own_ports=False)
        platform.start(["first"])
        chosen = platform.ports["first"]
        assert chosen != taken
        assert platform.ports.moved()["first"] == (taken, chosen)
    platform.stop()
    platform.start(["first"])
    assert platform.ports["first"] == chosen


def test_a_service_that_cannot_start_is_reported_with_its_last_words(make_platform: MakePlatform) -> None:
    platform = make_platform(options={"second": {"fails": True}})
    with pytest.raises(StartFailed, match="told to fail"):
        platform.start(SERVICES)
    make_platform().start(SERVICES)
    assert "second" in platform.processes()


def test_changed_settings_restart_the_service_they_concern(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.start(SERVICES)
    before = platform.processes()
    make_platform(options={"first": {"colour": "red"}}).start(SERVICES)
    after = platform.processes()
    assert kernel.wait_gone(before["first"], PATIENCE_S)
    assert after["second"] == before["second"]


def test_one_process_can_be_stopped_alone(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.start(SERVICES)
    platform.stop(["first"])
    assert set(platform.processes()) == {"supervisor", "second"}


def test_a_second_supervisor_refuses_and_names_the_first(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.start(["first"])
    second = [sys.executable, "-m", "deploy.local.supervisor", str(platform.var), str(ROOT)]
    done = subprocess.run(second, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 3
    assert str(platform.processes()["supervisor"].pid) in done.stdout


def test_a_platform_on_a_lease_ends_with_the_last_who_holds_it(make_platform: MakePlatform, tmp_path: Path) -> None:
    lease = tmp_path / "lease"
    with lease.open("w") as held:
        fcntl.flock(held, fcntl.LOCK_SH)
        platform = make_platform(lease=lease)
        platform.start(["first"])
        running = platform.processes()
    for identity in running.values():
        assert kernel.wait_gone(identity, PATIENCE_S)


def test_secrets_are_closed_to_others_and_stand_in_no_argument(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.start(SERVICES)
    files = [*platform.layout.secrets.iterdir(), *platform.layout.site.iterdir(), platform.layout.wanted]
    assert files
    assert all(path.stat().st_mode & 0o077 == 0 for path in files)
    secrets = [path.read_text() for path in platform.layout.secrets.iterdir()]
    for identity in platform.processes().values():
        shown = Path(f"/proc/{identity.pid}/cmdline").read_bytes() + Path(f"/proc/{identity.pid}/environ").read_bytes()
        assert not any(secret.encode() in shown for secret in secrets)


def test_the_clock_goes_forward_only_and_waits_for_every_service(make_platform: MakePlatform) -> None:
    platform = make_platform()
    platform.start(SERVICES)
    today = clock.now(platform.layout).date()
    reached = platform.clock_forward(30)
    assert reached.date() - today in (timedelta(days=30), timedelta(days=31)), "midnight may pass meanwhile"
    assert isinstance(reached.date(), date)
    for days in (0, -1):
        with pytest.raises(clock.ClockRefused):
            platform.clock_forward(days)


def test_children_get_no_more_environment_than_they_need(
    make_platform: MakePlatform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOMEBODYS_TOKEN", "not for children")
    platform = make_platform()
    platform.start(["first"])
    environment = Path(f"/proc/{platform.processes()['first'].pid}/environ").read_bytes()
    assert b"SOMEBODYS_TOKEN" not in environment
    assert os.fsencode(platform.site_file("first")) in environment
