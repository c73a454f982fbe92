"""Reading a batch: well-formed as a whole or refused as a whole; from there on each application stands for itself."""

from __future__ import annotations

import json
from typing import Any

import jiter
from fastapi import Request

from chassis.bodies import BodyInvalid, parse, read, read_json, refuse_other_content, validate
from chassis.refusal import Refusal
from services.intake.api.models import BATCH_MAX, ApplicationIn, BatchIn
from services.intake.usecases.submission import Entry

BATCH_LIMIT = 4_000_000
"""Bytes a batch may have."""

Row = Entry | Refusal


async def rows_of(request: Request) -> list[Row]:
    """The applications of a batch in their order, an unreadable one as its refusal.

    What is no JSON, or not a list of 1 to 200 applications, is refused as a whole (BodyMalformed, BodyInvalid).
    """
    refuse_other_content(request)
    raw = await read(request, BATCH_LIMIT)
    try:
        batch = validate(BatchIn, *await read_json(request, BATCH_LIMIT))
        return [one.entry() for one in batch.applications]
    except BodyInvalid:
        # Well-formed JSON in which something is wrong: find out whose row it is.
        content: Any = jiter.from_json(raw)
        if not _is_batch(content):
            raise
        return [_row(one) for one in content["applications"]]


def _is_batch(content: Any) -> bool:
    if not isinstance(content, dict) or content.keys() != {"applications"}:
        return False
    listed = content["applications"]
    return isinstance(listed, list) and 1 <= len(listed) <= BATCH_MAX


def _row(content: Any) -> Row:
    try:
        return parse(ApplicationIn, json.dumps(content).encode()).entry()
    except Refusal as refusal:
        return refusal
