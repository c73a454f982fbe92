"""What stands once it is written, and which moves the rest may make: held by the database against everybody."""

from __future__ import annotations

from alembic import context, op

revision = "payments_0002"
down_revision = "payments_0001"

# What follows holds for whoever speaks SQL as the service; a superuser who gets round it is found by hash and seal.
STANDING = """
create function stands() returns trigger language plpgsql as $$
begin
    raise exception '% is never changed or removed', tg_table_name using errcode = 'restrict_violation';
end $$
"""

ROSTER_MOVES = """
create function roster_moves() returns trigger language plpgsql as $$
begin
    if (old.roster_id, old.office, old.region, old.month, old.drawn_by, old.drawn_at, old.stands_before,
            old.pays_before)
        is distinct from
        (new.roster_id, new.office, new.region, new.month, new.drawn_by, new.drawn_at, new.stands_before,
            new.pays_before)
    then
        raise exception 'a roster stays what it was drawn up for' using errcode = 'restrict_violation';
    end if;
    if old.leaves <> '' and (old.lines, old.total_fen, old.left_out, old.content_hash, old.leaves)
        is distinct from (new.lines, new.total_fen, new.left_out, new.content_hash, new.leaves)
    then
        raise exception 'a roster drawn up keeps its content' using errcode = 'restrict_violation';
    end if;
    if old.state <> new.state and (old.state, new.state) not in (
        ('draft', 'locked'), ('locked', 'paying'), ('draft', 'disputed'), ('locked', 'disputed'),
        ('paying', 'disputed'))
    then
        raise exception 'no such move of a roster' using errcode = 'restrict_violation';
    end if;
    return new;
end $$
"""

LINE_MOVES = """
create function line_moves() returns trigger language plpgsql as $$
begin
    if (old.line_id, old.roster_id, old.place, old.entitlement_id, old.application_id, old.office, old.month, old.aid,
            old.decision_hash, old.amount_fen, old.account_key, old.payee_key, old.payee)
        is distinct from
        (new.line_id, new.roster_id, new.place, new.entitlement_id, new.application_id, new.office, new.month, new.aid,
            new.decision_hash, new.amount_fen, new.account_key, new.payee_key, new.payee)
    then
        raise exception 'a line of a roster never changes' using errcode = 'restrict_violation';
    end if;
    if old.state <> new.state and (old.state, new.state) not in (
        ('due', 'under_way'), ('due', 'stopped'), ('under_way', 'paid'), ('under_way', 'returned'),
        ('returned', 'under_way'))
    then
        raise exception 'no such move of a line' using errcode = 'restrict_violation';
    end if;
    return new;
end $$
"""

LINES_ENTER = """
create function lines_enter() returns trigger language plpgsql as $$
begin
    if exists (select from added join rosters using (roster_id) where rosters.leaves <> '' or rosters.state <> 'draft')
        or exists (select from added left join rosters using (roster_id) where rosters.roster_id is null)
    then
        raise exception 'nothing enters a roster once it is drawn up' using errcode = 'restrict_violation';
    end if;
    return null;
end $$
"""

MONTH_MOVES = """
create function month_moves() returns trigger language plpgsql as $$
begin
    if row(old.line_id, old.entitlement_id, old.office, old.month, old.standard_fen, old.members, old.income_fen,
            old.shortfall_fen, old.supplement_each_fen, old.supplements, old.supplement_fen, old.amount_fen,
            old.policy_pack, old.policy_hash)
        is distinct from
        row(new.line_id, new.entitlement_id, new.office, new.month, new.standard_fen, new.members, new.income_fen,
            new.shortfall_fen, new.supplement_each_fen, new.supplements, new.supplement_fen, new.amount_fen,
            new.policy_pack, new.policy_hash)
        or old.is_void and not new.is_void
    then
        raise exception 'the arithmetic of a line never changes' using errcode = 'restrict_violation';
    end if;
    return new;
end $$
"""

ATTEMPT_MOVES = """
create function attempt_moves() returns trigger language plpgsql as $$
begin
    if (old.instruction_id, old.line_id, old.roster_id, old.office, old.month, old.number, old.amount_fen,
            old.account_key, old.payee, old.seal)
        is distinct from
        (new.instruction_id, new.line_id, new.roster_id, new.office, new.month, new.number, new.amount_fen,
            new.account_key, new.payee, new.seal)
        or old.state in ('paid', 'returned')
        or new.sendings < old.sendings or new.fence < old.fence
    then
        raise exception 'an attempt stays what was intended, and its end is final' using errcode = 'restrict_violation';
    end if;
    return new;
end $$
"""

MOVES = (
    ("rosters", "roster_moves"),
    ("lines", "line_moves"),
    ("line_months", "month_moves"),
    ("attempts", "attempt_moves"),
)
ENTERED = ("lines",)
STAND = ("left_out", "signatures", "entries", "differences", "closings")
KEPT = ("rosters", "lines", "line_months", "attempts", "entitlements", "decisions", "reconciliations")


def upgrade() -> None:
    for statement in (STANDING, ROSTER_MOVES, LINE_MOVES, LINES_ENTER, MONTH_MOVES, ATTEMPT_MOVES):
        op.execute(statement)
    for table, function in MOVES:
        op.execute(f"create trigger moves before update on {table} for each row execute function {function}()")
    for table in ENTERED:
        op.execute(
            f"create trigger enters after insert on {table} referencing new table as added"
            " for each statement execute function lines_enter()"
        )
    for table in STAND:
        op.execute(f"create trigger stands before update or delete on {table} for each row execute function stands()")
    for table in KEPT:
        op.execute(f"create trigger kept before delete on {table} for each row execute function stands()")
    for table in (*STAND, *KEPT):
        op.execute(f"create trigger whole before truncate on {table} for each statement execute function stands()")
    role = context.config.attributes["app_role"]
    op.execute(f'revoke update, delete, truncate on {", ".join(STAND)} from "{role}"')
    op.execute(f'revoke delete, truncate on {", ".join(KEPT)} from "{role}"')
