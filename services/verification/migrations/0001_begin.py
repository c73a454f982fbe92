"""Checks with their households and arrivals, flags, reports, signatures, correction tickets."""

from __future__ import annotations

from alembic import context, op

from chassis.tables import guarded

revision = "verification_0001"
down_revision = None

# One narrow row per check, changed with every batch of answers; the free space keeps those changes on its page.
# `planned`, `ended` and `silent` are sets of agencies as bits (store/codes.py).
CHECKS = """
create table checks (
    check_id text collate "C" primary key,
    application_id text collate "C" not null unique,
    office text collate "C" not null,
    state text not null check (state in ('open', 'reported', 'stopped')),
    planned int not null,
    ended int not null,
    silent int not null default 0,
    version int not null default 0,
    report_id text collate "C",
    open_flags int not null default 0 check (open_flags >= 0),
    trace text not null,
    opened_at timestamptz not null,
    due_at timestamptz not null,
    last_batch uuid,
    check (ended & ~planned = 0)
) with (fillfactor = 60)
"""

CHECKS_DUE = "create index checks_due on checks (due_at) where state = 'open'"

HOUSEHOLDS = """
create table households (
    check_id text collate "C" primary key,
    office text collate "C" not null,
    content bytea not null
) with (toast_tuple_target = 8160)
"""

# What one batch brought about one check: the replies of one or more agencies, never changed afterwards.
ARRIVALS = """
create table arrivals (
    check_id text collate "C" not null,
    batch uuid not null,
    office text collate "C" not null,
    content bytea not null,
    primary key (check_id, batch)
) with (toast_tuple_target = 8160)
"""

FLAGS = """
create table flags (
    flag_id text collate "C" primary key,
    check_id text collate "C" not null,
    application_id text collate "C" not null,
    office text collate "C" not null,
    code text not null,
    severity text not null,
    member_id text,
    agency text not null,
    declared_fen bigint,
    found_fen bigint,
    difference_fen bigint,
    tolerance_fen bigint,
    raised_at timestamptz not null,
    state text not null check (state in ('open', 'closed', 'moot')),
    revision int not null default 1,
    finding text check (finding in ('true', 'partly', 'untrue', 'agency_wrong')),
    closed_at timestamptz,
    detail bytea not null,
    resolution bytea,
    check ((state = 'closed') = (finding is not null and closed_at is not null and resolution is not null))
) with (toast_tuple_target = 8160)
"""

FLAGS_BY_CHECK = "create index flags_check on flags (check_id)"
FLAGS_BY_OFFICE = "create index flags_open on flags (office, raised_at, flag_id) where state = 'open'"

# A raised flag never disappears, and its end is final, whoever speaks SQL as the service (INV-08).
FLAGS_STAY = """
create function flags_stay() returns trigger language plpgsql as $$
begin
    if old.state = 'closed' then
        raise exception 'a closed flag is final';
    end if;
    return new;
end $$
"""
FLAGS_STAY_TRIGGER = "create trigger flags_stay before update on flags for each row execute function flags_stay()"

REPORTS = """
create table reports (
    report_id text collate "C" primary key,
    check_id text collate "C" not null,
    application_id text collate "C" not null,
    office text collate "C" not null,
    number text not null,
    version int not null,
    supersedes text collate "C",
    issued_at timestamptz not null,
    is_partial boolean not null,
    conclusion text not null,
    asked int not null,
    answered int not null,
    silent int not null,
    invalid int not null,
    open_flags int not null,
    income_per_head_month_fen bigint not null,
    household_income_month_fen bigint not null,
    income_qualifies boolean not null,
    property_qualifies boolean not null,
    policy_pack text not null,
    content_hash bytea not null check (octet_length(content_hash) = 32),
    signature_id text collate "C" not null,
    place int not null,
    content bytea not null,
    unique (check_id, version),
    check (asked = answered + silent + invalid)
) with (toast_tuple_target = 8160)
"""

# One signature over the hashes of all reports issued together; a report names its place among them.
SIGNATURES = """
create table signatures (
    signature_id text collate "C" primary key,
    signed_at timestamptz not null,
    hashes bytea not null,
    signature bytea not null check (octet_length(signature) = 64)
)
"""

TICKETS = """
create table tickets (
    ticket_id text collate "C" primary key,
    flag_id text collate "C" not null unique,
    office text collate "C" not null,
    agency text not null,
    state text not null check (state in ('open', 'closed')),
    opened_at timestamptz not null
)
"""

# Sealed content does not compress; a report was compressed before it was sealed.
SEALED = (
    ("households", "content"),
    ("arrivals", "content"),
    ("flags", "detail"),
    ("flags", "resolution"),
    ("reports", "content"),
)

GUARDED = ("checks", "households", "arrivals", "flags", "reports", "tickets")


def upgrade() -> None:
    for table in (CHECKS, HOUSEHOLDS, ARRIVALS, FLAGS, REPORTS, SIGNATURES, TICKETS):
        op.execute(table)
    for table, column in SEALED:
        op.execute(f"alter table {table} alter column {column} set storage external")
    for index in (CHECKS_DUE, FLAGS_BY_CHECK, FLAGS_BY_OFFICE):
        op.execute(index)
    op.execute(FLAGS_STAY)
    op.execute(FLAGS_STAY_TRIGGER)
    for name in GUARDED:
        for statement in guarded(name):
            op.execute(statement)
    role = context.config.attributes["app_role"]
    op.execute(f'revoke update, delete, truncate on arrivals, reports, signatures from "{role}"')
    op.execute(f'revoke delete, truncate on flags, tickets, checks, households from "{role}"')
