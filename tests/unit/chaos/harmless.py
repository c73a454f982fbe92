"""What may be and is not held against a run."""

from __future__ import annotations

from tests.chaos.evidence import (
    Application,
    Consent,
    LeftOut,
    LineMonth,
    Roster,
    Stall,
)
from tests.unit.chaos.history import (
    COUNTY,
    FEN,
    MONTH,
    OFFICE,
    PAID,
    act,
    told,
)
from tests.unit.chaos.planting import again, both, gone, more, row

HARMLESS = {
    "an action without an answer may stand behind an application": both(
        more("history", act("submit", "lost", "unknown")),
        more("applications", Application("app_4", "no-4", OFFICE, "incomplete", None, None)),
    ),
    "and behind a decision": row("history", 5, outcome="unknown"),
    "and behind a roster": row("history", 7, outcome="unknown"),
    "a question within the second of grace": row("asked", 2, at_s=51.3),
    "a question held up on its way": both(row("asked", 2, at_s=60.0), more("stalls", Stall(50.0, 59.5))),
    "an agency asked again": again("asked", call=9, at_s=12.0),
    "a record twice on its topic": again("topic_records", 7),
    "a decision told again as held": more("topic_records", told("approval.decision", "decision.made", PAID, 2)),
    "a member who never agreed and is never asked about": more("consents", Consent(PAID, 7, False)),
    "an application kept incomplete and withdrawn": both(
        more("history", act("submit", "4", application_id="app_4"), act("withdraw", "w4", application_id="app_4")),
        more("applications", Application("app_4", "no-4", OFFICE, "withdrawn", None, 9.0)),
        more("consents", Consent("app_4", 4, True, 9.0)),
    ),
    "money that the bank sent back waits for people": both(
        row("bank_lines", status="returned"),
        row("settlements", state="returned"),
        row("roster_lines", state="returned"),
        row("cases", state="certified"),
        gone("ledger_entries", 1),
        row("ledger_sums", 1, amount_fen=FEN),
        gone("ledger_sums", 2),
    ),
    "a household left out of a roster for a reason": both(
        gone("roster_lines"),
        gone("line_months"),
        gone("settlements"),
        gone("bank_lines"),
        gone("treasury_lines"),
        gone("ledger_entries"),
        gone("ledger_entries"),
        row("ledger_sums", amount_fen=0),
        row("ledger_sums", 2, amount_fen=0),
        gone("topic_records", 14),
        row("cases", state="certified"),
        more("left_out", LeftOut("ros_1", "ent_1", PAID, "blocked")),
    ),
    "a month made void on one line and paid on another": more(
        "line_months", LineMonth("line_0", "ent_1", MONTH, 0, True)
    ),
    "a roster still in draft": both(
        more("rosters", Roster("ros_2", COUNTY, "2027-01", "draft", 0, 0, 0)),
        more("history", act("roster", "2", roster_id="ros_2")),
    ),
}
