"""What the platform writes down is what services understand: site files, keys, tokens."""

import json
import time
from pathlib import Path

import pytest
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError
from joserfc.jwk import KeySet

from chassis.site import Site
from contracts.vocabulary import Agency
from deploy.local import tokens
from deploy.local.platform import LocalPlatform
from tests.platform.conftest import ROOT

OFFICE = "cn/2307/230799/230799001/"


@pytest.fixture
def platform(tmp_path: Path) -> LocalPlatform:
    platform = LocalPlatform(ROOT, tmp_path / "var", options={"adapters": {"probe": 7}, "simulator": {"seed": 42}})
    platform.write_sites()
    return platform


def site(platform: LocalPlatform, service: str) -> Site:
    return Site.model_validate_json(platform.site_file(service).read_bytes())


def test_every_service_is_told_its_own_login_and_no_other_s(platform: LocalPlatform) -> None:
    for service in platform.map.services:
        found = site(platform, service)
        assert (found.service, found.database.name, found.database.user, found.kafka.user) == (service,) * 4
        text = platform.site_file(service).read_text(encoding="utf-8")
        others = [f"postgres-{other}" for other in platform.map.services if other != service]
        others += [f"kafka-{other}" for other in platform.map.services if other != service]
        others += ["postgres", f"postgres-{service}_owner", "kafka-admin", "simulator-admin"]
        assert not any(platform.secrets.password(name) in text for name in others)


def test_only_speaker_and_listeners_hold_a_topic_s_key(platform: LocalPlatform) -> None:
    sites = {service: site(platform, service) for service in platform.map.services}
    for topic in platform.map.topics.values():
        holders = {service for service, found in sites.items() if topic.name in found.keys.wire}
        assert holders == {topic.speaker, *topic.listeners}
        assert len({sites[holder].keys.wire[topic.name].keys["w1"] for holder in holders}) == 1
    assert [service for service, found in sites.items() if found.keys.person] == ["intake"]
    assert [service for service, found in sites.items() if found.keys.sign] == ["verification"]
    assert len({found.keys.rest.keys["r1"] for found in sites.values()}) == len(sites)


def test_options_of_the_run_go_before_and_the_world_outside_is_the_simulator(platform: LocalPlatform) -> None:
    adapters = site(platform, "adapters").options
    assert adapters["probe"] == 7
    assert set(adapters["agencies"]) == set(Agency)
    assert adapters["agencies"]["tax"] == f"{platform.url('simulator')}/agencies/tax"
    assert set(site(platform, "payments").options) == {"bank", "treasury"}
    simulator = json.loads(platform.site_file("simulator").read_text())
    assert simulator["seed"] == 42
    assert set(simulator) == {"service", "host", "port", "seed", "ledger_dir", "admin_token", "options"}


def test_services_go_through_the_doors_they_are_given_and_migrations_past_them(tmp_path: Path) -> None:
    doors = {"postgres": 40_001, "kafka": 40_002, "simulator": 40_003}
    platform = LocalPlatform(ROOT, tmp_path / "var", doors=doors)
    platform.write_sites()
    for service in platform.map.services:
        found = site(platform, service)
        assert (found.database.port, found.kafka.bootstrap) == (40_001, "127.0.0.1:40002")
    assert site(platform, "adapters").options["agencies"]["tax"] == "http://127.0.0.1:40003/agencies/tax"
    assert site(platform, "payments").options["bank"] == "http://127.0.0.1:40003/bank"
    own = platform.ports["postgres"]
    owners = json.loads((platform.layout.site / "migrations.json").read_text())
    assert own not in doors.values()
    assert {owner["port"] for owner in owners.values()} == {own}


def test_migrations_know_the_owners(platform: LocalPlatform) -> None:
    owners = json.loads((platform.layout.site / "migrations.json").read_text())
    assert {name: owner["user"] for name, owner in owners.items()} == {
        name: f"{name}_owner" for name in platform.map.services
    }


def test_secrets_stay_the_same_from_run_to_run(platform: LocalPlatform) -> None:
    before = {path.name: path.read_text() for path in platform.layout.site.iterdir()}
    LocalPlatform(ROOT, platform.var, options={"adapters": {"probe": 7}, "simulator": {"seed": 42}}).write_sites()
    assert {path.name: path.read_text() for path in platform.layout.site.iterdir()} == before


def test_a_token_is_verified_by_the_published_key_and_carries_the_role_s_scopes(platform: LocalPlatform) -> None:
    keys = KeySet.import_key_set(json.loads(tokens.key_set_file(platform.layout).read_text()))
    assert all("d" not in key.as_dict() for key in keys.keys)
    token = jwt.decode(platform.token("caseworker", OFFICE, "person-1"), keys, algorithms=["ES256"])
    claims = token.claims
    assert (claims["iss"], claims["aud"]) == (tokens.ISSUER, tokens.AUDIENCE)
    assert (claims["sub"], claims["role"], claims["org"]) == ("person-1", "caseworker", OFFICE)
    assert "flags:resolve" in claims["scope"].split()
    assert claims["exp"] - claims["iat"] == tokens.LIFETIME_S
    assert abs(claims["iat"] - time.time()) < 60


def test_another_platform_s_token_is_not_verified(platform: LocalPlatform, tmp_path: Path) -> None:
    stranger = LocalPlatform(ROOT, tmp_path / "stranger")
    keys = KeySet.import_key_set(json.loads(tokens.key_set_file(platform.layout).read_text()))
    with pytest.raises(InvalidKeyIdError):
        jwt.decode(stranger.token("auditor", OFFICE), keys, algorithms=["ES256"])


@pytest.mark.parametrize(
    ("role", "office", "reason"),
    [
        ("emperor", OFFICE, "Known roles: township_clerk"),
        ("auditor", "cn/2307", "ends with a slash"),
        ("auditor", "/", "is no path"),
        ("auditor", "", "is no path"),
        ("auditor", "cn/../", "is no path"),
    ],
)
def test_a_token_is_refused_with_the_reason(platform: LocalPlatform, role: str, office: str, reason: str) -> None:
    with pytest.raises(tokens.TokenRefused, match=reason):
        platform.token(role, office)
