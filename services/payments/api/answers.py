"""How payments shows its things: codes with labels, money in whole fen, instants in China's time, nobody by name."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from chassis.clock import CHINA
from contracts.vocabulary import Word
from services.payments import queries
from services.payments.domain.entitlement import Entitlement
from services.payments.domain.ledger import Account
from services.payments.domain.reconciliation import Difference
from services.payments.domain.roster import LineState


def roster(one: queries.Roster) -> dict[str, Any]:
    return {
        "roster_id": one.roster_id,
        "office": one.office,
        "month": str(one.month),
        "state": label(one.state),
        "lines": one.lines,
        "total_fen": one.total_fen,
        "left_out": one.left_out,
        "content_hash": one.content_hash.hex(),
        "drawn_by": one.drawn_by,
        "drawn_at": _local(one.drawn_at),
        "stands_before": _local(one.stands_before),
        "pays_before": _local(one.pays_before),
        "locked_at": _local(one.locked_at),
        "paying_since": _local(one.paying_since),
    }


def roster_view(view: queries.RosterView) -> dict[str, Any]:
    return {
        **roster(view.roster),
        "signatures": [
            {"place": one.place, "signer": one.signer, "role": one.role, "signed_at": _local(one.signed_at)}
            for one in view.signatures
        ],
        "counts": [
            {"state": label(state), "lines": view.counts[state][0], "fen": view.counts[state][1]}
            for state in LineState
            if state in view.counts
        ],
        "is_roster_late": view.is_roster_late,
        "is_payment_late": view.is_payment_late,
    }


def line(row: queries.Row) -> dict[str, Any]:
    """The figures beside the amount are those of the newest month."""
    newest = row.line.months[-1]
    return {
        "line_id": row.line.line_id,
        "roster_id": row.line.roster_id,
        "place": row.line.place,
        "month": row.month,
        "application_id": row.line.application_id,
        "entitlement_id": row.line.entitlement_id,
        "office": row.line.office,
        "state": label(row.state),
        "reason": row.reason,
        "amount_fen": row.line.amount_fen,
        "months": [str(one.month) for one in row.line.months],
        "standard_fen": newest.standard_fen,
        "members": newest.members,
        "income_fen": newest.income_fen,
        "shortfall_fen": newest.shortfall_fen,
        "supplement_fen": newest.supplement_fen,
    }


def line_view(view: queries.LineView) -> dict[str, Any]:
    return {
        **line(view.row),
        "arithmetic": [_month(one) for one in view.months],
        "payee": {
            "member_id": view.payee.member_id,
            "name": str(view.payee.name),
            "citizen_id": str(view.payee.citizen_id),
            "account": str(view.payee.account),
        },
        "attempts": [
            {
                "instruction_id": one.instruction_id,
                "number": one.number,
                "amount_fen": one.amount_fen,
                "state": one.state,
                "sendings": one.sendings,
                "account": str(one.account),
                "reason": one.reason,
                "settled_at": _local(one.settled_at),
            }
            for one in view.attempts
        ],
        "decision_hash": view.row.line.decision_hash,
    }


def omission(one: queries.Omission) -> dict[str, Any]:
    return {
        "entitlement_id": one.entitlement_id,
        "application_id": one.application_id,
        "office": one.office,
        "reason": label(one.reason),
    }


def entitlement(one: Entitlement) -> dict[str, Any]:
    return {
        "entitlement_id": one.entitlement_id,
        "application_id": one.application_id,
        "aid": label(one.aid),
        "office": one.office,
        "state": label(one.state),
        "confirmed_on": one.confirmed_on,
        "publicity_ended_on": one.publicity_ended_on,
        "since": str(one.since),
        "first_roster": str(one.first_roster),
        "income_fen": one.income_fen,
        "members": len(one.members),
    }


def ledger(balances: dict[Account, int]) -> dict[str, Any]:
    return {
        "balances": [{"account": label(account), "fen": fen} for account, fen in balances.items()],
        "sum_fen": sum(balances.values()),
    }


def entry(row: queries.EntryRow) -> dict[str, Any]:
    return {**row._asdict(), "at": _local(row.at)}


def reconciliation(one: queries.Reconciliation) -> dict[str, Any]:
    shown = {**one._asdict(), "asked_at": _local(one.asked_at), "done_at": _local(one.done_at)}
    del shown["fence"]
    return shown


def closing(one: queries.Closing) -> dict[str, Any]:
    return {**one._asdict(), "closed_at": _local(one.closed_at)}


def difference(numbered: tuple[int, Difference]) -> dict[str, Any]:
    number, one = numbered
    return {**one._asdict(), "number": number, "kind": label(one.kind), "side": label(one.side)}


def label(word: Word) -> dict[str, str]:
    return {"code": word.value, "zh": word.label}


def _month(view: queries.MonthView) -> dict[str, Any]:
    return {
        "month": str(view.reckoning.month),
        "amount_fen": view.reckoning.amount_fen,
        "policy_pack": view.reckoning.policy_pack,
        "policy_hash": view.reckoning.policy_hash,
        "steps": [
            {
                "code": step.code,
                "zh": step.zh,
                "en": step.en,
                "working": step.working,
                "result_fen": step.result_fen,
                "requirement": step.requirement,
                "basis": cited.basis.value if cited else None,
                "document": cited.document if cited else None,
                "section": cited.section if cited else None,
            }
            for step, cited in view.steps
        ],
    }


def _local(instant: datetime | None) -> datetime | None:
    return instant.astimezone(CHINA) if instant else None
