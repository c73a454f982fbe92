"""Decisions heard, entitlements, rosters with their lines, attempts, the ledger, reconciliations and closed months."""

from __future__ import annotations

from alembic import op

from chassis.tables import guarded

revision = "payments_0001"
down_revision = None

DECISIONS = """
create table decisions (
    application_id text collate "C" primary key,
    office text collate "C" not null,
    aid text not null,
    case_version int not null,
    decision text not null check (decision in ('approved', 'refused', 'held')),
    decision_hash text not null,
    decided_on date not null
)
"""

ENTITLEMENTS = """
create table entitlements (
    entitlement_id text collate "C" primary key,
    application_id text collate "C" not null,
    aid text not null,
    office text collate "C" not null,
    region text not null,
    area text not null,
    certificate_id text collate "C" not null,
    case_version int not null,
    decision_hash text not null,
    confirmed_on date not null,
    publicity_ended_on date not null,
    certified_at timestamptz not null,
    since text not null,
    first_roster text not null,
    income_fen bigint not null check (income_fen >= 0),
    members jsonb not null,
    account_key bytea not null check (octet_length(account_key) = 32),
    payee_key bytea not null check (octet_length(payee_key) = 32),
    payee bytea not null,
    trace text not null,
    state text not null check (state in ('live', 'held', 'blocked', 'ended')),
    end_reason text,
    ended_on date,
    unique (application_id, aid),
    check ((state = 'ended') = (end_reason is not null and ended_on is not null))
) with (toast_tuple_target = 8160)
"""

ENTITLEMENTS_DUE = "create index entitlements_due on entitlements (office, entitlement_id) where state <> 'ended'"

# A person stands in one entitlement in force, whatever township the household lives in.
PERSONS = """
create table persons (
    entitlement_id text collate "C" not null,
    member_id text collate "C" not null,
    office text collate "C" not null,
    person_key text collate "C" not null,
    is_live boolean not null default true,
    primary key (entitlement_id, member_id)
)
"""

PERSONS_ONCE = "create unique index persons_once on persons (person_key) where is_live"

ROSTERS = """
create table rosters (
    roster_id text collate "C" primary key,
    office text collate "C" not null,
    region text not null,
    month text not null check (month ~ '^[0-9]{4}-[0-9]{2}$'),
    state text not null check (state in ('draft', 'locked', 'paying', 'disputed')),
    drawn_by text not null,
    drawn_at timestamptz not null,
    stands_before timestamptz not null,
    pays_before timestamptz not null,
    lines int not null check (lines >= 0),
    total_fen bigint not null check (total_fen >= 0),
    left_out int not null default 0,
    content_hash bytea not null check (octet_length(content_hash) = 32),
    leaves bytea not null,
    locked_at timestamptz,
    paying_since timestamptz,
    unique (office, month)
)
"""

# The content of a line never changes; `state` and what is known of its money do.
LINES = """
create table lines (
    line_id text collate "C" primary key,
    roster_id text collate "C" not null references rosters,
    place int not null check (place >= 0),
    entitlement_id text collate "C" not null references entitlements,
    application_id text collate "C" not null,
    office text collate "C" not null,
    month text not null,
    aid text not null,
    decision_hash text not null,
    amount_fen bigint not null check (amount_fen > 0),
    account_key bytea not null,
    payee_key bytea not null,
    payee bytea not null,
    trace text not null,
    state text not null default 'due' check (state in ('due', 'under_way', 'paid', 'returned', 'stopped')),
    reason text,
    is_allocated boolean not null default false,
    unique (roster_id, place)
) with (fillfactor = 80, toast_tuple_target = 8160)
"""

LINES_DUE = "create index lines_due on lines (roster_id, line_id) where state = 'due'"
LINES_OF_ENTITLEMENT = "create index lines_entitlement on lines (entitlement_id)"
LINES_OF_OFFICE = "create index lines_office on lines (office, line_id)"

LINE_MONTHS = """
create table line_months (
    line_id text collate "C" not null references lines,
    entitlement_id text collate "C" not null,
    office text collate "C" not null,
    month text not null,
    standard_fen bigint not null,
    members int not null,
    income_fen bigint not null,
    shortfall_fen bigint not null,
    supplement_each_fen bigint not null,
    supplements int not null,
    supplement_fen bigint not null,
    amount_fen bigint not null check (amount_fen = shortfall_fen + supplement_fen),
    policy_pack text not null,
    policy_hash text not null,
    is_void boolean not null default false,
    primary key (line_id, month)
)
"""

# Whatever runs twice, and whoever runs it: a month of an entitlement stands on one line (INV-24).
LINE_MONTHS_ONCE = "create unique index line_months_once on line_months (entitlement_id, month) where not is_void"

LEFT_OUT = """
create table left_out (
    roster_id text collate "C" not null references rosters,
    entitlement_id text collate "C" not null,
    application_id text collate "C" not null,
    office text collate "C" not null,
    reason text not null,
    primary key (roster_id, entitlement_id)
)
"""

SIGNATURES = """
create table signatures (
    roster_id text collate "C" not null references rosters,
    place int not null check (place in (1, 2)),
    office text collate "C" not null,
    signer text not null,
    role text not null,
    signed_at timestamptz not null,
    content_hash bytea not null,
    seal bytea not null,
    primary key (roster_id, place),
    unique (roster_id, signer)
)
"""

# The intent to pay, written before the bank hears of it. `sendings` counts how often it was released to be sent.
ATTEMPTS = """
create table attempts (
    instruction_id text collate "C" primary key,
    line_id text collate "C" not null references lines,
    roster_id text collate "C" not null,
    office text collate "C" not null,
    month text not null,
    number int not null check (number >= 1),
    amount_fen bigint not null check (amount_fen > 0),
    account_key bytea not null,
    payee bytea not null,
    seal bytea not null,
    state text not null check (state in ('due', 'intended', 'paid', 'returned')),
    sendings int not null default 0,
    valid_until timestamptz not null,
    ask_at timestamptz not null,
    unanswered int not null default 0,
    lease_until timestamptz not null default '-infinity',
    fence int not null default 0,
    bank_ref text,
    reason text,
    settled_at timestamptz,
    unique (line_id, number)
) with (fillfactor = 70, toast_tuple_target = 8160)
"""

ATTEMPTS_OPEN = "create index attempts_open on attempts (ask_at) where state in ('due', 'intended')"
ATTEMPTS_ONE_LIVE = "create unique index attempts_one_live on attempts (line_id) where state <> 'returned'"

ENTRIES = """
create table entries (
    entry_id bigint generated always as identity primary key,
    movement text not null check (movement in ('allocated', 'paid')),
    reference text collate "C" not null,
    line_id text collate "C" not null,
    office text collate "C" not null,
    month text not null,
    purpose text not null,
    debit text not null check (debit in ('fund', 'bank', 'recipients')),
    credit text not null check (credit in ('fund', 'bank', 'recipients')),
    amount_fen bigint not null check (amount_fen > 0),
    at timestamptz not null,
    unique (movement, reference),
    check (debit <> credit)
)
"""

# The books as accounts see them: every entry twice, once with each sign.
LEDGER = """
create view ledger with (security_invoker = true) as
select entry_id, office, month, purpose, at, debit as account, amount_fen from entries
union all
select entry_id, office, month, purpose, at, credit as account, -amount_fen from entries
"""

RECONCILIATIONS = """
create table reconciliations (
    reconciliation_id text collate "C" primary key,
    office text collate "C" not null,
    month text not null,
    asked_by text not null,
    asked_at timestamptz not null,
    state text not null check (state in ('asked', 'done')),
    lease_until timestamptz not null default '-infinity',
    fence int not null default 0,
    ask_at timestamptz not null,
    done_at timestamptz,
    lines int,
    system_fen bigint,
    treasury_fen bigint,
    bank_fen bigint,
    differences int,
    difference_fen bigint
)
"""

RECONCILIATIONS_ASKED = "create index reconciliations_asked on reconciliations (ask_at) where state = 'asked'"
RECONCILIATIONS_OF = "create index reconciliations_of on reconciliations (office, month, reconciliation_id)"

DIFFERENCES = """
create table differences (
    reconciliation_id text collate "C" not null references reconciliations,
    number int not null,
    office text collate "C" not null,
    kind text not null,
    side text not null,
    line_id text collate "C",
    reference text not null,
    system_fen bigint not null,
    treasury_fen bigint,
    bank_fen bigint,
    primary key (reconciliation_id, number)
)
"""

CLOSINGS = """
create table closings (
    office text collate "C" not null,
    month text not null,
    reconciliation_id text collate "C" not null references reconciliations,
    closed_by text not null,
    closed_at timestamptz not null,
    lines int not null,
    total_fen bigint not null,
    primary key (office, month)
)
"""

TABLES = (
    DECISIONS, ENTITLEMENTS, ENTITLEMENTS_DUE, PERSONS, PERSONS_ONCE, ROSTERS, LINES, LINES_DUE, LINES_OF_ENTITLEMENT,
    LINES_OF_OFFICE, LINE_MONTHS, LINE_MONTHS_ONCE, LEFT_OUT, SIGNATURES, ATTEMPTS, ATTEMPTS_OPEN, ATTEMPTS_ONE_LIVE,
    ENTRIES, LEDGER, RECONCILIATIONS, RECONCILIATIONS_ASKED, RECONCILIATIONS_OF, DIFFERENCES, CLOSINGS,
)  # fmt: skip

GUARDED = (
    "decisions", "entitlements", "persons", "rosters", "lines", "line_months", "left_out", "signatures", "attempts",
    "entries", "reconciliations", "differences", "closings",
)  # fmt: skip

SEALED = (("entitlements", "payee"), ("lines", "payee"), ("attempts", "payee"), ("rosters", "leaves"))


def upgrade() -> None:
    for statement in TABLES:
        op.execute(statement)
    for table, column in SEALED:
        op.execute(f"alter table {table} alter column {column} set storage external")
    for table in GUARDED:
        for statement in guarded(table):
            op.execute(statement)
