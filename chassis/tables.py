"""The tables every service's database has, and the row-level policy its own tables take on."""

from __future__ import annotations

OUTBOX = """
create table outbox (
    id bigint generated always as identity primary key,
    bucket smallint not null,
    topic text not null,
    key text not null,
    partition int,
    event_id uuid not null,
    type text not null,
    version int not null,
    trace text not null,
    value bytea not null
) with (
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000, autovacuum_vacuum_cost_delay = 0,
    toast_tuple_target = 8160
)
"""

# It stays for milliseconds and is compressed for the topic: the database need not try.
OUTBOX_AS_IT_IS = "alter table outbox alter column value set storage external"

INBOX = """
create table inbox (
    event_id uuid primary key,
    taken_at timestamptz not null default now()
)
"""

INBOX_BY_AGE = "create index inbox_taken on inbox using brin (taken_at)"

PARKED = """
create table parked (
    id bigint generated always as identity primary key,
    event_id uuid not null unique,
    topic text not null,
    key text not null,
    type text not null,
    version int not null,
    trace text not null,
    value bytea not null,
    part int,
    problem text not null,
    attempts int not null,
    parked_at timestamptz not null default now()
)
"""

PARKED_BY_KEY = "create index parked_key on parked (key, id)"

HELD = """
create table held (
    key text primary key,
    since timestamptz not null default now()
)
"""

AUDIT = """
create table audit (
    id bigint generated always as identity,
    xid xid8 not null default pg_current_xact_id(),
    at timestamptz not null,
    actor text not null,
    role text not null,
    act text not null,
    subject text not null,
    office text collate "C" not null,
    trace text not null,
    details text not null,
    primary key (xid, id)
)
"""

AUDIT_BY_SUBJECT = "create index audit_subject on audit (subject)"

AUDIT_SEAL = """
create table audit_seal (
    seq bigint primary key,
    low xid8 not null,
    high xid8 not null,
    records int not null,
    digest bytea not null,
    previous bytea not null,
    head bytea not null,
    sealed_at timestamptz not null
)
"""

IDEMPOTENCY = """
create table idempotency (
    client text not null,
    route text not null,
    key text not null,
    fingerprint bytea not null,
    status int not null,
    headers text not null,
    answer bytea not null,
    created_at timestamptz not null default now(),
    primary key (client, route, key)
)
"""

IDEMPOTENCY_BY_AGE = "create index idempotency_created on idempotency (created_at)"

STATEMENTS: tuple[str, ...] = (
    OUTBOX,
    OUTBOX_AS_IT_IS,
    INBOX,
    INBOX_BY_AGE,
    PARKED,
    PARKED_BY_KEY,
    HELD,
    AUDIT,
    AUDIT_BY_SUBJECT,
    AUDIT_SEAL,
    IDEMPOTENCY,
    IDEMPOTENCY_BY_AGE,
)


def guarded(table: str, column: str = "office") -> tuple[str, ...]:
    """Statements that force row-level security on `table`: rows exist only for callers whose range holds their office.

    The range comes from the transaction (`SET LOCAL`), never from the session: a pooled connection carries nothing
    over.
    """
    inside = f"{column} >= current_setting('hedui.low') and {column} < current_setting('hedui.high')"
    return (
        f"alter table {table} enable row level security",
        f"alter table {table} force row level security",
        f"create policy jurisdiction on {table} using ({inside}) with check ({inside})",
    )
