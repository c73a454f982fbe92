"""Closed flags are listed too: by office, in the order in which they were raised."""

from __future__ import annotations

from alembic import op

revision = "verification_0002"
down_revision = "verification_0001"

FLAGS_CLOSED = "create index flags_closed on flags (office, raised_at, flag_id) where state = 'closed'"


def upgrade() -> None:
    op.execute(FLAGS_CLOSED)
