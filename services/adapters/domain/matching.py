"""Each person's entry is found by the echoed ref and believed only if it also echoes that person's id."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from contracts.findings import Record
from contracts.vocabulary import Reason
from services.adapters.domain.agency import Answered, Invalid, Result, Subject

MAX_RECORDS = 100
"""Records of one agency about one person; a longer list is no honest answer."""

MALFORMED = Invalid(Reason.MALFORMED)
WRONG_PERSON = Invalid(Reason.WRONG_PERSON)

UNREADABLE = (KeyError, TypeError, ValueError, AttributeError, IndexError, OverflowError)
"""What reading raises where a document has another form than agreed; all of it means malformed."""


def all_malformed(subjects: Sequence[Subject]) -> dict[str, Result]:
    """The document as a whole says nothing about anybody."""
    return {subject.ref: MALFORMED for subject in subjects}


def match_entries(
    subjects: Sequence[Subject],
    entries: object,
    as_of: datetime,
    ref_field: str,
    id_field: str,
    records_of: Callable[[dict[str, Any]], tuple[Record, ...]],
) -> dict[str, Result]:
    """One result per subject.

    Entries about somebody who was not asked about are passed over before anything is read from them. A subject without
    an entry, with two, or with one that `records_of` cannot read, is malformed; never half of the records, never an
    empty answer in place of a broken one.
    """
    if type(entries) is not list:
        return all_malformed(subjects)
    wanted = {subject.ref: subject.citizen_id for subject in subjects}
    nothing_found = Answered((), as_of)
    results: dict[str, Result] = {}
    for entry in entries:
        try:
            ref = entry[ref_field]
            if ref not in wanted:
                continue
            echoed = entry[id_field]
        except UNREADABLE:
            continue
        if ref in results or type(echoed) is not str:
            results[ref] = MALFORMED
        elif echoed != wanted[ref]:
            results[ref] = WRONG_PERSON
        else:
            try:
                records = records_of(entry)
            except UNREADABLE:
                results[ref] = MALFORMED
                continue
            if not records:
                results[ref] = nothing_found
            else:
                results[ref] = Answered(records, as_of) if len(records) <= MAX_RECORDS else MALFORMED
    if len(results) < len(wanted):
        for ref in wanted:
            results.setdefault(ref, MALFORMED)
    return results
