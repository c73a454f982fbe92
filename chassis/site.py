"""What differs from site to site: one private JSON file per process, named by HEDUI_SITE_FILE."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

ENVIRONMENT_NAME = "HEDUI_SITE_FILE"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class DatabaseSite(_Strict):
    host: str
    port: int
    name: str
    user: str
    password: str

    def address(self) -> dict[str, Any]:
        """Connection arguments, for a pool and for the one connection that listens."""
        return {
            "host": self.host,
            "port": self.port,
            "database": self.name,
            "user": self.user,
            "password": self.password,
            "timeout": 5.0,
            # Longer than the server's own limits: what it ends is a connection whose other side is gone without a word.
            "command_timeout": 40.0,
            "server_settings": {
                "application_name": self.user,
                "statement_timeout": "30000",
                "lock_timeout": "2000",
                "idle_in_transaction_session_timeout": "30000",
                "client_connection_check_interval": "2000",
                "plan_cache_mode": "force_generic_plan",
                # Rows are looked up by key: a plan made while a table is still empty must not read all of it later.
                "enable_seqscan": "off",
            },
        }


class KafkaSite(_Strict):
    bootstrap: str
    user: str
    password: str


class TopicSite(_Strict):
    partitions: int
    speaker: str
    listeners: list[str]


class KeySite(_Strict):
    """A ring of keys, base64; `active` seals, all open."""

    active: str
    keys: dict[str, str]


class KeysSite(_Strict):
    rest: KeySite
    index: str
    cursor: str
    wire: dict[str, KeySite]
    person: str | None = None
    sign: str | None = None


class TokensSite(_Strict):
    issuer: str
    audience: str
    jwks_file: Path


class AllowanceSite(_Strict):
    """What one organisation may ask of one process: so many requests a second, and so many at once.

    Far more than the busiest county sends, in batches of 200 households or one by one.
    """

    requests_per_s: float = Field(default=1_000.0, gt=0)
    burst: int = Field(default=2_000, ge=1)


class Site(_Strict):
    """Everything a process is told about the place it runs in. Holds secrets: never logged, never shown."""

    service: str
    host: str
    port: int
    local: bool = False
    database: DatabaseSite
    kafka: KafkaSite
    topics: dict[str, TopicSite]
    keys: KeysSite
    tokens: TokensSite
    allowance: AllowanceSite = AllowanceSite()
    clock_file: Path
    anchor_file: Path
    trace_file: Path | None = None
    trace_sample: float = 0.0
    policies: Path
    options: dict[str, Any] = {}

    @classmethod
    def from_environment(cls) -> Site:
        """Read the file that HEDUI_SITE_FILE names; exit with a plain sentence when there is none."""
        name = os.environ.get(ENVIRONMENT_NAME)
        if not name:
            raise SystemExit(
                f"{ENVIRONMENT_NAME} names no site file; `make up` writes one per service under var/site/."
            )
        return cls.model_validate_json(Path(name).read_bytes())
