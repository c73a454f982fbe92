"""An opinion counts on the report version it was written on, for SQL too: one that was voided opens no door."""

from __future__ import annotations

from alembic import op

revision = "approval_0003"
down_revision = "approval_0002"

CASES_REPORT = """
create function cases_report() returns trigger language plpgsql as $$
declare
    before constant int := (old.content -> 'report' ->> 'version')::int;
    now constant int := (new.content -> 'report' ->> 'version')::int;
begin
    if now < before then
        raise exception 'a case never goes back to an earlier report';
    end if;
    if new.state = 'opined' and old.state <> 'opined' and not exists (
        select from opinions
        where case_id = new.case_id and case_version = new.case_version and report_version = now
    ) then
        raise exception 'no opinion on this version of the report';
    end if;
    if new.state in ('approved', 'refused') and old.state = 'opined' and not exists (
        select from decisions
        where case_id = new.case_id and case_version = new.case_version and report_version = now
    ) then
        raise exception 'no decision on this version of the report';
    end if;
    return new;
end $$
"""
CASES_REPORT_TRIGGER = "create trigger cases_report before update on cases for each row execute function cases_report()"


def upgrade() -> None:
    op.execute(CASES_REPORT)
    op.execute(CASES_REPORT_TRIGGER)
