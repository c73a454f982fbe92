"""Cases with the legal moves between their states, and everything people put on record about them."""

from __future__ import annotations

from alembic import context, op

from chassis.tables import guarded

revision = "approval_0001"
down_revision = None

# Every application approval has heard of, so that a report and a withdrawal that cross on their way meet on one row.
APPLICATIONS = """
create table applications (
    application_id text collate "C" primary key,
    office text collate "C" not null,
    withdrawn_at timestamptz
)
"""

# The table of legal moves; a test holds it equal to the one in the domain.
CASE_MOVES = """
create table case_moves (
    source text not null,
    target text not null,
    opens boolean not null,
    primary key (source, target)
)
"""
MOVES = """
insert into case_moves (source, target, opens) values
    ('review', 'opined', false),
    ('held', 'opined', false),
    ('opined', 'review', false),
    ('opined', 'approved', false),
    ('opined', 'refused', false),
    ('approved', 'publicity', false),
    ('publicity', 'review', true),
    ('publicity', 'certified', false),
    ('certified', 'paid', false),
    ('approved', 'held', true),
    ('refused', 'held', true),
    ('publicity', 'held', true),
    ('certified', 'held', true),
    ('review', 'closed', false),
    ('opined', 'closed', false),
    ('held', 'closed', false),
    ('approved', 'closed', false),
    ('publicity', 'closed', false),
    ('certified', 'closed', false)
"""

# `content` holds the case as the domain knows it, codes and opaque ids only; the columns are what rules and lists need.
# It is read whole: json keeps the text as it came, jsonb would take it apart at every write.
CASES = """
create table cases (
    case_id text collate "C" primary key,
    application_id text collate "C" not null unique references applications,
    office text collate "C" not null,
    state text not null check (state in (
        'review', 'opined', 'approved', 'refused', 'publicity', 'certified', 'paid', 'held', 'closed')),
    case_version int not null,
    survey_round int not null,
    revision int not null,
    is_doubtful boolean not null,
    is_near_relative boolean not null,
    excluded text[] not null,
    has_payee boolean not null,
    over_at timestamptz,
    due_on date,
    calendar text not null,
    content json not null
) with (fillfactor = 70)
"""
CASES_BY_OFFICE = "create index cases_office on cases (office, case_id)"
CASES_OVER = "create index cases_over on cases (over_at) where state = 'publicity' and has_payee"
CASES_DUE = "create index cases_due on cases (due_on) where due_on is not null"

SURVEYS = """
create table surveys (
    survey_id text collate "C" primary key,
    case_id text collate "C" not null references cases,
    office text collate "C" not null,
    survey_round int not null,
    surveyors text[] not null check (cardinality(surveyors) > 0),
    recorded_by text not null,
    recorded_at timestamptz not null,
    content bytea not null
)
"""

PAYEES = """
create table payees (
    payee_id text collate "C" primary key,
    case_id text collate "C" not null references cases,
    office text collate "C" not null,
    recorded_by text not null,
    recorded_at timestamptz not null,
    content bytea not null
)
"""

OPINIONS = """
create table opinions (
    opinion_id text collate "C" primary key,
    case_id text collate "C" not null references cases,
    office text collate "C" not null,
    case_version int not null,
    survey_id text collate "C" not null references surveys,
    report_id text collate "C" not null,
    report_version int not null,
    recommendation text not null check (recommendation in ('approved', 'refused')),
    reasons text[] not null check (cardinality(reasons) > 0),
    written_by text not null,
    written_at timestamptz not null,
    note bytea
)
"""

# One decision a case version, by nobody who prepared it, with the record that was hashed.
DECISIONS = """
create table decisions (
    decision_id text collate "C" primary key,
    case_id text collate "C" not null references cases,
    office text collate "C" not null,
    case_version int not null,
    outcome text not null check (outcome in ('approved', 'refused')),
    survey_id text collate "C" not null references surveys,
    opinion_id text collate "C" not null references opinions,
    report_id text collate "C" not null,
    report_version int not null,
    makers text[] not null check (cardinality(makers) > 0),
    decided_by text not null,
    decided_at timestamptz not null,
    decision_hash bytea not null,
    record bytea not null,
    note bytea,
    unique (case_id, case_version),
    check (not decided_by = any (makers)),
    check (decision_hash = sha256(record))
)
"""

PUBLICITIES = """
create table publicities (
    publicity_id text collate "C" primary key,
    case_id text collate "C" not null references cases,
    office text collate "C" not null,
    case_version int not null,
    decision_id text collate "C" not null references decisions,
    place text not null,
    posted_on date not null,
    days int not null check (days > 0),
    ended_on date not null check (ended_on = posted_on + days),
    photos text[] not null check (cardinality(photos) > 0),
    posted_by text not null,
    recorded_at timestamptz not null,
    unique (publicity_id, case_id, case_version, ended_on)
)
"""

OBJECTIONS = """
create table objections (
    objection_id text collate "C" primary key,
    publicity_id text collate "C" not null references publicities,
    case_id text collate "C" not null references cases,
    office text collate "C" not null,
    received_at timestamptz not null,
    source text not null,
    about text not null,
    recorded_by text not null,
    recorded_at timestamptz not null,
    note bytea
)
"""
OBJECTIONS_BY_PUBLICITY = "create index objections_publicity on objections (publicity_id)"

CERTIFICATE_NUMBERS = "create sequence certificate_numbers"

# Issued when the last full day of its own publicity has passed in China, not an instant earlier.
CERTIFICATES = """
create table certificates (
    certificate_id text collate "C" primary key,
    number text not null unique,
    case_id text collate "C" not null references cases,
    office text collate "C" not null,
    case_version int not null,
    publicity_id text collate "C" not null,
    ended_on date not null,
    issued_at timestamptz not null,
    unique (case_id, case_version),
    foreign key (publicity_id, case_id, case_version, ended_on)
        references publicities (publicity_id, case_id, case_version, ended_on),
    check (issued_at >= ((ended_on + 1)::timestamp at time zone 'Asia/Shanghai'))
)
"""
UNOBJECTED = """
create function certificates_unobjected() returns trigger language plpgsql as $$
begin
    if exists (select from objections where publicity_id = new.publicity_id) then
        raise exception 'a publicity with an objection gives no certificate';
    end if;
    return new;
end $$
"""
UNOBJECTED_TRIGGER = """
create trigger certificates_unobjected before insert on certificates
    for each row execute function certificates_unobjected()
"""

NOTICES = """
create table notices (
    notice_id text collate "C" primary key,
    case_id text collate "C" not null references cases,
    office text collate "C" not null,
    decision_id text collate "C" not null unique references decisions,
    delivered_on date not null,
    way text not null,
    evidence text not null,
    recorded_by text not null,
    recorded_at timestamptz not null
)
"""

TASKS = """
create table tasks (
    task_id text collate "C" primary key,
    case_id text collate "C" not null references cases,
    office text collate "C" not null,
    kind text not null,
    opened_at timestamptz not null
)
"""

# What no statement may do to a case, whoever speaks SQL as the service: skip a step, or change what was decided.
CASES_MOVE = """
create function cases_move() returns trigger language plpgsql as $$
declare
    way case_moves%rowtype;
begin
    if (new.case_id, new.application_id, new.office) <> (old.case_id, old.application_id, old.office) then
        raise exception 'a case keeps its name, its application and its office';
    end if;
    if new.revision <> old.revision + 1 then
        raise exception 'every change of a case counts one revision';
    end if;
    if new.state = old.state then
        if new.case_version <> old.case_version or new.survey_round <> old.survey_round then
            raise exception 'a version begins with a move';
        end if;
        return new;
    end if;
    select * into way from case_moves where source = old.state and target = new.state;
    if not found then
        raise exception 'illegal move from % to %', old.state, new.state;
    end if;
    if new.case_version <> old.case_version + way.opens::int then
        raise exception 'from % to % the version goes on by %', old.state, new.state, way.opens::int;
    end if;
    if new.survey_round <> old.survey_round + (old.state = 'publicity' and new.state = 'review')::int then
        raise exception 'an objection, and nothing else, asks for another survey';
    end if;
    if new.state = 'opined' and not exists (
        select from opinions o join surveys s using (survey_id, case_id)
        where o.case_id = new.case_id and o.case_version = new.case_version and s.survey_round = new.survey_round
    ) then
        raise exception 'no opinion without a survey of this round';
    end if;
    if new.state in ('approved', 'refused') and not exists (
        select from decisions
        where case_id = new.case_id and case_version = new.case_version and outcome = new.state
    ) then
        raise exception 'no decision without its record';
    end if;
    if new.state = 'publicity' and not exists (
        select from publicities where case_id = new.case_id and case_version = new.case_version
    ) then
        raise exception 'no publicity without its posting';
    end if;
    if new.state = 'certified' and not exists (
        select from certificates where case_id = new.case_id and case_version = new.case_version
    ) then
        raise exception 'no certificate without its record';
    end if;
    return new;
end $$
"""
CASES_MOVE_TRIGGER = "create trigger cases_move before update on cases for each row execute function cases_move()"
# Cases come by hundreds at a time: the function is only called to refuse.
CASES_BEGIN_TRIGGER = """
create trigger cases_begin before insert on cases for each row
    when ((new.state, new.case_version, new.survey_round, new.revision) is distinct from ('review', 1, 1, 1))
    execute function cases_begin()
"""
CASES_BEGIN = """
create function cases_begin() returns trigger language plpgsql as $$
begin
    raise exception 'a case begins under review, in its first version';
end $$
"""

RECORDS = (
    "surveys",
    "payees",
    "opinions",
    "decisions",
    "publicities",
    "objections",
    "certificates",
    "notices",
    "tasks",
)
"""Written once, never changed."""


def upgrade() -> None:
    for table in (
        APPLICATIONS,
        CASE_MOVES,
        MOVES,
        CASES,
        SURVEYS,
        PAYEES,
        OPINIONS,
        DECISIONS,
        PUBLICITIES,
        OBJECTIONS,
        CERTIFICATE_NUMBERS,
        CERTIFICATES,
        NOTICES,
        TASKS,
    ):
        op.execute(table)
    for index in (CASES_BY_OFFICE, CASES_OVER, CASES_DUE, OBJECTIONS_BY_PUBLICITY):
        op.execute(index)
    for name in ("surveys", "payees", "opinions", "tasks"):
        op.execute(f"create index {name}_case on {name} (case_id)")
    for statement in (UNOBJECTED, UNOBJECTED_TRIGGER, CASES_BEGIN, CASES_BEGIN_TRIGGER, CASES_MOVE, CASES_MOVE_TRIGGER):
        op.execute(statement)
    for name in ("applications", "cases", *RECORDS):
        for statement in guarded(name):
            op.execute(statement)
    role = context.config.attributes["app_role"]
    op.execute(f'revoke insert, update, delete, truncate on case_moves from "{role}"')
    op.execute(f'revoke update, delete, truncate on {", ".join(RECORDS)} from "{role}"')
    op.execute(f'revoke delete, truncate on applications, cases from "{role}"')
