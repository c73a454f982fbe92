"""What may be and is not held against a run."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from tests.chaos.evidence import (
    AnswerKept,
    Application,
    Asked,
    Certificate,
    Consent,
    Decision,
    Entitlement,
    LeftOut,
    LineMonth,
    Reconciliation,
    Report,
    Roster,
    RosterLine,
    Stall,
)
from tests.unit.chaos.history import (
    COUNTY,
    FEN,
    MONTH,
    OFFICE,
    PAID,
    REFUSED,
    WITHDRAWN,
    act,
    told,
)
from tests.unit.chaos.planting import Plant, again, both, gone, more, row


def with_right(**changes: Any) -> Plant:
    """A second household with a certificate."""
    right = Entitlement("ent_2", WITHDRAWN, "cert_2", 1, f"hash-{WITHDRAWN}", "live", None, MONTH)
    return both(
        more("history", act("confirmation", "w", case_id=f"case_{WITHDRAWN}")),
        more("decisions", Decision("dec_2", f"case_{WITHDRAWN}", WITHDRAWN, 1, "approved", f"hash-{WITHDRAWN}")),
        more("certificates", Certificate("cert_2", f"case_{WITHDRAWN}", WITHDRAWN, 1)),
        more("topic_records", told("approval.decision", "decision.made", WITHDRAWN)),
        more("topic_records", told("approval.decision", "certificate.issued", WITHDRAWN)),
        more("entitlements", replace(right, **changes)),
    )


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
    "acts of other kinds, acts refused, acts never answered": more(
        "history",
        act("survey", "survey", application_id="app_unheard", case_id=f"case_{PAID}"),
        act("submit", f"submit-{PAID}", "unknown"),
        act("withdraw", "never answered", "unknown", application_id=REFUSED),
        act("withdraw", "about nothing"),
        act("confirmation", "too late", "refused", case_id=f"case_{PAID}"),
        act("confirmation", "never answered", "unknown", case_id=f"case_{REFUSED}"),
        act("confirmation", "about nothing"),
        act("reconciliation", "compare", detail={"month": "2027-02"}),
        act("close", "too early", "refused", detail={"month": "2027-02"}),
        act("close", "about nothing"),
    ),
    "a question about a household whose client never heard": both(
        more("history", act("submit", "lost", "unknown")),
        more("applications", Application("app_4", "no-4", OFFICE, "incomplete", None, None)),
        more("asked", Asked(7, "tax", 10.0, "app_4", 4)),
    ),
    "a consent taken back before everybody was asked": both(
        row("consents", withdrawn_s=50.0, recorded_s=50.4),
        gone("asked"),
        gone("answers_said"),
        gone("answers_kept"),
        row("reports", answered=1, silent=1, is_partial=True),
    ),
    "a member who never agreed, whom some agencies are for": both(
        more("consents", Consent(PAID, 7, False)),
        gone("asked"),
        gone("answers_said"),
        gone("answers_kept"),
        row("reports", answered=1, silent=1, is_partial=True),
    ),
    "an application withdrawn before everybody was asked": both(
        row("consents", 2, given=True, withdrawn_s=None, recorded_s=None),
        gone("asked", 2),
        gone("answers_said", 4),
        gone("answers_kept", 4),
    ),
    "an answer that came when the check had been stopped": gone("answers_kept", 4),
    "an agency that never answered, and a report that says so": both(
        gone("answers_said"),
        gone("answers_kept"),
        row("reports", answered=1, silent=1, is_partial=True),
    ),
    "a partial report, then a whole one": both(
        row("checks", version=2),
        row("reports", answered=1, silent=1, is_partial=True),
        again("reports", report_id="rep_2", version=2, answered=2, silent=0, is_partial=False),
        more("topic_records", told("verification.report", "report.issued", PAID, 2)),
    ),
    "the same, listed the other way round": both(
        row("checks", version=2),
        row("reports", version=2, report_id="rep_2"),
        more("reports", Report("rep_1", f"chk_{PAID}", PAID, 1, True, 2, 1, 1, 0, 0, 20.0)),
        more("topic_records", told("verification.report", "report.issued", PAID, 2)),
    ),
    "an application withdrawn before its report came": gone("cases", 2),
    "silence kept as often as it was heard": both(
        more("answers_kept", AnswerKept("b1", f"chk_{PAID}", "tax", "")),
        more("answers_kept", AnswerKept("b2", f"chk_{PAID}", "tax", "")),
    ),
    "a card that was rejected, then another": both(
        again("settlements", instruction_id="ins_0", state="returned"),
        row("settlements", number=2),
        again("bank_lines", no=2),
        row("bank_lines", instruction_id="ins_0", status="returned"),
        more("topic_records", told("payments.settlement", "payment.settled", PAID, 2)),
    ),
    "a comparison that found a difference, before the one that closed the month": more(
        "reconciliations", Reconciliation("rec_0", COUNTY, MONTH, "done", 1, 1, False)
    ),
    "a line on a roster that waits for its second signature": both(
        more("rosters", Roster("ros_2", COUNTY, "2027-01", "locked", 1, FEN, 2)),
        more("roster_lines", RosterLine("line_2", "ros_2", "ent_1", PAID, "2027-01", "hash", FEN, "due", False)),
        more("history", act("roster", "2", roster_id="ros_2")),
        more("topic_records", told("payments.roster", "roster.locked", "ros_2")),
    ),
    "a line that was stopped": more(
        "roster_lines", RosterLine("line_2", "ros_1", "ent_1", PAID, MONTH, f"hash-{PAID}", FEN, "stopped", False)
    ),
    "a right that is held": with_right(state="held"),
    "money under way while its case was stopped, for people to judge": both(
        row("cases", state="held", tasks=("paid_while_stopped",)), row("entitlements", state="held")
    ),
    "a right whose months have not come": with_right(first_roster="2027-01"),
    "a right in another county": both(with_right(), row("applications", 2, office="cn/2307/230798/230798001/")),
}
