"""Applications, and the members that claim persons."""

from __future__ import annotations

from alembic import op

from chassis.tables import guarded

revision = "intake_0001"
down_revision = None

APPLICATION = """
create table application (
    application_id text collate "C" primary key,
    office text collate "C" not null,
    region text not null,
    aid text not null,
    state text not null check (state in ('incomplete', 'accepted', 'withdrawn')),
    client text not null,
    number text not null,
    external_index bytea,
    received_at timestamptz not null,
    accepted_at timestamptz,
    accepted_on date,
    withdrawn_at timestamptz,
    policy_pack text not null,
    notice json,
    filed json not null,
    people bytea not null,
    check (state = 'incomplete' or accepted_on is not null or withdrawn_at is not null),
    check ((accepted_at is null) = (accepted_on is null))
) with (toast_tuple_target = 8160)
"""

# Both documents stay in the row, as they came and uncompressed: a case file is a few kilobytes, written once and read
# whole.
INLINE = (
    "alter table application alter column filed set storage external",
    "alter table application alter column people set storage external",
)

MEMBER = """
create table member (
    member_id text collate "C" primary key,
    application_id text collate "C" not null,
    office text collate "C" not null,
    aid text not null,
    person_key bytea not null check (octet_length(person_key) = 32),
    is_open boolean not null default true
) with (fillfactor = 90)
"""


def upgrade() -> None:
    op.execute(APPLICATION)
    for statement in INLINE:
        op.execute(statement)
    op.execute("create index application_office on application (office, application_id)")
    op.execute("create unique index application_external on application (external_index)")
    op.execute(MEMBER)
    op.execute("create unique index member_person on member (person_key, aid) where is_open")
    for table in ("application", "member"):
        for statement in guarded(table):
            op.execute(statement)
