"""How an act on a case is answered: what was put on record, and the case as it stands after it."""

from __future__ import annotations

from datetime import datetime

import orjson

from chassis.idempotency import Answer
from chassis.transaction import Transaction
from services.approval import queries
from services.approval.api import answers
from services.approval.domain.case import Case


def see(case_id: str) -> str:
    """Where the case is read."""
    return f"/approval/v1/cases/{case_id}"


def shown(tx: Transaction, done: tuple[Case, str], now: datetime) -> Answer:
    """201 with the record's id, the case and its new tag."""
    case, record_id = done
    content = orjson.dumps(answers.done(queries.view(tx, case, now), record_id))
    return Answer(201, content, {"ETag": answers.etag(case), "Location": see(case.case_id)})
