"""Inquiries, cells that wait, calls and what they ask, evidence, and the tombstones of withdrawn consent."""

from __future__ import annotations

from alembic import op

from chassis.tables import guarded

revision = "adapters_0001"
down_revision = None
branch_labels = ("adapters",)
depends_on = None

INQUIRY = """
create table inquiry (
    inquiry_id bigint generated always as identity primary key,
    check_id text not null unique,
    application_id text not null,
    office text collate "C" not null,
    trace text not null,
    opened_at timestamptz not null,
    people bytea not null
)
"""

INQUIRY_BY_APPLICATION = "create index inquiry_application on inquiry (application_id)"

INQUIRY_BY_AGE = "create index inquiry_opened on inquiry using brin (opened_at)"

# A question that waits. Narrow, without personal data; it leaves the table with the call that asks it.
CELL = """
create table cell (
    inquiry_id bigint not null,
    due_at timestamptz not null,
    planned int not null,
    members int not null,
    agency smallint not null,
    attempts smallint not null,
    outcome smallint not null,
    reason smallint not null,
    primary key (inquiry_id, agency)
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0)
"""

CELL_DUE = "create index cell_due on cell (agency, due_at)"

CALL = """
create table call (
    call_id bigint generated always as identity primary key,
    agency smallint not null,
    asked_at timestamptz not null,
    ended_at timestamptz,
    purpose text not null,
    persons int not null,
    outcome smallint not null default 0,
    reason smallint not null default 0,
    inquiry_ids bigint[] not null
) with (fillfactor = 80)
"""

# One entry a call instead of one a household: inquiries that are asked about together were opened together.
CALL_BY_INQUIRY = """
create index call_inquiry on call using gist (int8range(inquiry_ids[1], inquiry_ids[cardinality(inquiry_ids)], '[]'))
"""

# The questions of a call that has not ended: place by place in arrays, so that a household costs a few bytes, not a
# row. There are never more rows than calls can be under way.
ASKING = """
create table asking (
    call_id bigint primary key,
    agency smallint not null,
    lease_until timestamptz not null,
    inquiry_ids bigint[] not null,
    planned int[] not null,
    members int[] not null,
    attempts smallint[] not null,
    outcomes smallint[] not null,
    reasons smallint[] not null
) with (autovacuum_vacuum_scale_factor = 0.05, autovacuum_vacuum_cost_delay = 0)
"""

ASKING_AS_IT_IS = "alter table asking " + ", ".join(
    f"alter column {name} set storage plain"
    for name in ("inquiry_ids", "planned", "members", "attempts", "outcomes", "reasons")
)

EVIDENCE = """
create table evidence (
    call_id bigint primary key,
    agency smallint not null,
    answered_at timestamptz not null,
    question_digest bytea not null,
    answer_digest bytea not null,
    leaves bytea not null,
    root bytea not null,
    answer bytea not null
)
"""

# Neither gets smaller by what the database could do: an answer is packed and sealed, leaves are hashes.
EVIDENCE_AS_IT_IS = """
alter table evidence alter column answer set storage external, alter column leaves set storage plain
"""

EVIDENCE_BY_AGENCY = "create index evidence_agency on evidence (agency, call_id)"

CONSENT_WITHDRAWN = """
create table consent_withdrawn (
    application_id text not null,
    member_id text not null,
    withdrawn_at timestamptz not null,
    primary key (application_id, member_id)
)
"""


def upgrade() -> None:
    for statement in (
        INQUIRY,
        INQUIRY_BY_APPLICATION,
        INQUIRY_BY_AGE,
        *guarded("inquiry"),
        CELL,
        CELL_DUE,
        CALL,
        CALL_BY_INQUIRY,
        ASKING,
        ASKING_AS_IT_IS,
        EVIDENCE,
        EVIDENCE_AS_IT_IS,
        EVIDENCE_BY_AGENCY,
        CONSENT_WITHDRAWN,
    ):
        op.execute(statement)
