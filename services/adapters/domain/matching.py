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


def all_malformed(subjects: Sequence[Subject]) -> list[Result]:
    """The document as a whole says nothing about anybody."""
    return [MALFORMED] * len(subjects)


def match_entries(
    subjects: Sequence[Subject],
    entries: object,
    as_of: datetime,
    ref_field: str,
    id_field: str,
    records_of: Callable[[dict[str, Any]], tuple[Record, ...]],
) -> list[Result]:
    """One result per subject, in their order.

    Entries about somebody who was not asked about are passed over before anything is read from them. A subject without
    an entry, with two, or with one that `records_of` cannot read, is malformed; never half of the records, never an
    empty answer in place of a broken one.
    """
    if type(entries) is not list:
        return all_malformed(subjects)
    nothing_found = Answered((), as_of)
    results: list[Result] = []
    for subject, entry in zip(subjects, _by_subject(subjects, entries, ref_field), strict=True):
        try:
            echoed = entry[id_field]
            if echoed == subject.citizen_id:
                records = records_of(entry)
            else:
                results.append(WRONG_PERSON if type(echoed) is str else MALFORMED)
                continue
        except UNREADABLE:
            results.append(MALFORMED)
            continue
        if not records:
            results.append(nothing_found)
        else:
            results.append(Answered(records, as_of) if len(records) <= MAX_RECORDS else MALFORMED)
    return results


def _by_subject(subjects: Sequence[Subject], entries: list[Any], ref_field: str) -> list[Any]:
    """The entry of each subject, in their order; None, which reads as no entry does, where there is none or two."""
    refs = [subject.ref for subject in subjects]
    try:
        if [entry[ref_field] for entry in entries] == refs:
            return entries
    except UNREADABLE:
        pass
    found: dict[str, Any] = dict.fromkeys(refs)
    seen: set[str] = set()
    for entry in entries:
        try:
            ref = entry[ref_field]
            if ref in found:
                found[ref] = None if ref in seen else entry
                seen.add(ref)
        except UNREADABLE:
            continue
    return list(found.values())
