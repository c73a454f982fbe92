"""The tables every service stands on: outbox, inbox, parked events, audit trail, stored answers."""

from __future__ import annotations

from alembic import context, op

from chassis.tables import STATEMENTS

revision = "floor_0001"
down_revision = None


def upgrade() -> None:
    for statement in STATEMENTS:
        op.execute(statement)
    role = context.config.attributes["app_role"]
    op.execute(f'grant maintain on outbox to "{role}"')
    op.execute(f'revoke update, delete, truncate on audit, audit_seal from "{role}"')
