"""Draws with their populations, spot checks and what they found."""

from __future__ import annotations

from alembic import context, op

from chassis.tables import guarded

revision = "approval_0002"
down_revision = "approval_0001"

DRAWS = """
create table draws (
    draw_id text collate "C" primary key,
    office text collate "C" not null,
    percent int not null,
    seal bigint not null,
    head bytea not null,
    seed bytea not null,
    drawn_by text not null,
    drawn_at timestamptz not null
)
"""

# Each applicant belongs to the population of one draw at most.
POPULATION = """
create table draw_population (
    case_id text collate "C" primary key references cases,
    draw_id text collate "C" not null references draws,
    office text collate "C" not null,
    is_doubtful boolean not null,
    is_near_relative boolean not null
)
"""

SPOT_CHECKS = """
create table spot_checks (
    spot_check_id text collate "C" primary key,
    draw_id text collate "C" not null references draws,
    case_id text collate "C" not null unique references draw_population,
    office text collate "C" not null,
    why text not null
)
"""
SPOT_CHECKS_BY_OFFICE = "create index spot_checks_office on spot_checks (office, spot_check_id)"

SPOT_CHECK_RESULTS = """
create table spot_check_results (
    spot_check_id text collate "C" primary key references spot_checks,
    case_id text collate "C" not null,
    office text collate "C" not null,
    look text not null,
    found text not null check (found in ('in_order', 'problem')),
    rectify_by date check ((rectify_by is not null) = (found = 'problem')),
    checked_by text not null,
    checked_at timestamptz not null,
    note bytea
)
"""

RECORDS = ("draws", "draw_population", "spot_checks", "spot_check_results")
"""Written once, never changed."""


def upgrade() -> None:
    for table in (DRAWS, POPULATION, SPOT_CHECKS, SPOT_CHECKS_BY_OFFICE, SPOT_CHECK_RESULTS):
        op.execute(table)
    for name in RECORDS:
        for statement in guarded(name):
            op.execute(statement)
    role = context.config.attributes["app_role"]
    op.execute(f'revoke update, delete, truncate on {", ".join(RECORDS)} from "{role}"')
