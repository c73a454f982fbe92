"""Asking one agency about the households of one claim. No transaction is open, no lock is held, nothing is written."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field

from chassis.http import Unanswered
from chassis.shelf import Shelf
from chassis.telemetry import BatchSpans
from contracts.vocabulary import Agency, Reason
from services.adapters.domain.agency import AgencyDesk, Ask, Invalid, Result, Subject
from services.adapters.domain.cells import Claimed, party_of
from services.adapters.domain.connections import Connection, Connections, Line
from services.adapters.domain.settling import CellRead, understand
from services.adapters.usecases.evidence import digest_of, leaf_of, pack, root_of

PURPOSE = "social_assistance_check"
"""Why agencies are asked; it stands in every question and every record of one (R-033, R-240)."""


@dataclass(frozen=True, slots=True)
class Read:
    """An answer as read and as proved. `cells` and `leaves` are in the order of the claimed cells."""

    cells: list[CellRead]
    leaves: list[bytes]
    question_digest: bytes
    answer_digest: bytes
    root: bytes
    packed_answer: bytes = field(repr=False)
    is_whole: bool
    """Whether what was said about everybody may be believed."""


@dataclass(frozen=True, slots=True)
class Unread:
    """No answer, or one that says nothing about anybody (`is_broken`)."""

    reason: Reason
    is_broken: bool = False
    search: bool = False
    """Whether smaller calls shall find out at once who breaks it."""


async def ask(of: Shelf, agency: Agency, claimed: Sequence[Claimed]) -> Read | Unread:
    """Put one question, or one for each person where an earlier answer about this household alone was broken."""
    connection = of.of(Connections).of(agency)
    if connection.line is None:
        return Unread(Reason.NOT_CONNECTED)
    subjects, cases = _subjects(claimed)
    retried = claimed[0].attempts > 0
    singly = len(claimed) == 1 and len(subjects) > 1 and retried and claimed[0].reason is Reason.MALFORMED
    way = _ask_singly if singly else _ask_together
    followed = [(cell.inquiry.check_id, cell.inquiry.trace) for cell in claimed if cell.inquiry.trace]
    spans = BatchSpans(f"ask {agency}", followed)
    try:
        asked, answers, results = await way(connection.desk, connection.line, subjects, cases)
    except Unanswered as silent:
        reason = Reason(silent.reason)
        return _unread(connection, len(claimed), reason, is_broken=reason is Reason.MALFORMED)
    finally:
        spans.end()
    if not singly and len(subjects) > 1 and all(_is_malformed(result) for result in results):
        return _unread(connection, len(claimed), Reason.MALFORMED, is_broken=True)
    connection.note_good(retried=retried)
    digest = digest_of(answers)
    cells: list[CellRead] = []
    end = 0
    for cell in claimed:
        start, end = end, end + cell.members.bit_count()
        cells.append(understand(cell, results[start:end]))
    leaves = [leaf_of(digest, cell, read) for cell, read in zip(claimed, cells, strict=True)]
    question_digest = digest_of([each.body for each in asked])
    is_whole = all(of_cell.unusable == 0 for of_cell in cells)
    return Read(cells, leaves, question_digest, digest, root_of(b"".join(leaves)), pack(answers), is_whole)


def _unread(connection: Connection, households: int, reason: Reason, *, is_broken: bool) -> Unread:
    search = is_broken and connection.is_worth_searching
    connection.note_failed(households, broken=is_broken)
    return Unread(reason, is_broken, search)


def _subjects(claimed: Sequence[Claimed]) -> tuple[list[Subject], list[str]]:
    """Whom to ask about, cell by cell, and under which case each of them."""
    subjects: list[Subject] = []
    cases: list[str] = []
    for cell in claimed:
        of_cell = party_of(cell.members, cell.inquiry).subjects
        subjects += of_cell
        cases += [cell.inquiry.application_id] * len(of_cell)
    return subjects, cases


async def _ask_together(
    desk: AgencyDesk, line: Line, subjects: Sequence[Subject], cases: Sequence[str]
) -> tuple[list[Ask], list[bytes], list[Result]]:
    question = desk.question(subjects, cases, PURPOSE)
    answer = await line.post(question.path, question.body)
    return [question], [answer], desk.read(answer, subjects)


async def _ask_singly(
    desk: AgencyDesk, line: Line, subjects: Sequence[Subject], cases: Sequence[str]
) -> tuple[list[Ask], list[bytes], list[Result]]:
    """All at once: consent was looked at when the cell was claimed, and no question may leave long after that."""
    asked = [desk.question([subject], [case], PURPOSE) for subject, case in zip(subjects, cases, strict=True)]
    answers = await asyncio.gather(*(line.post(question.path, question.body) for question in asked))
    results: list[Result] = []
    for subject, answer in zip(subjects, answers, strict=True):
        results += desk.read(answer, [subject])
    return asked, list(answers), results


def _is_malformed(result: Result) -> bool:
    return isinstance(result, Invalid) and result.reason is Reason.MALFORMED
