"""Two people sign a roster; with the second signature it is locked (R-225, R-232)."""

from __future__ import annotations

from datetime import datetime
from itertools import pairwise

from chassis.callers import Caller
from chassis.ids import new_event_id
from chassis.transaction import Transaction
from contracts.audit import Act
from contracts.events.payments import RosterLocked
from services.payments.domain.roster import RosterState, altered
from services.payments.store import lines, rosters
from services.payments.store.rosters import Roster, Signature
from services.payments.usecases.refusals import (
    FirstSignatureMissing,
    OtherContent,
    RosterAbsent,
    RosterAltered,
    RosterFixed,
    SameSigner,
    SignedAlready,
    known,
)

DRAWS_UP = "rosters:write"
"""Who holds this permission signs first; the second signer is somebody who does not."""
_AT_ONCE = 2_000
_PLACES = 2**31
"""No place is as high as this."""


async def sign_roster(tx: Transaction, caller: Caller, roster_id: str, content_hash: bytes, *, now: datetime) -> Roster:
    """Sign for a content: a payments officer first, then another person who draws up no rosters, which locks it.

    Raises RosterAbsent, RosterFixed, OtherContent, RosterAltered, FirstSignatureMissing, SignedAlready, SameSigner.
    """
    roster = known(await rosters.lock(tx, roster_id), RosterAbsent)
    if roster.state is not RosterState.DRAFT:
        raise RosterFixed
    if roster.content_hash != content_hash:
        raise OtherContent
    signed = await rosters.signatures(tx, roster_id)
    _refuse_wrong_signer(caller, roster, signed)
    if not await is_as_drawn_up(tx, roster):
        raise RosterAltered
    place = len(signed) + 1
    seal = signature_seal(tx, roster_id, place, caller.subject, content_hash)
    await rosters.sign(tx, roster, Signature(place, caller.subject, caller.role, now, content_hash, seal))
    tx.audit(
        Act.ROSTER_SIGNED,
        subject=roster_id,
        office=roster.office,
        details={"place": place, "content_hash": content_hash.hex()},
    )
    if place == 2:
        await _lock(tx, roster, now)
    return known(await rosters.get(tx, roster_id), RosterAbsent)


async def is_as_drawn_up(tx: Transaction, roster: Roster) -> bool:
    """Whether head and every single line are what the content hash was taken over (INV-28)."""
    return not await altered_lines(tx, roster)


async def altered_lines(tx: Transaction, roster: Roster) -> list[str]:
    """Lines that are not as they were drawn up; the roster's own id where its head or the number of lines is not."""
    leaves = await rosters.leaves(tx, roster.roster_id)
    count = total_fen = 0
    wrong: list[str] = []
    # Beyond the last place as well: no line may have slipped in there.
    for first, following in pairwise([*range(0, roster.lines, _AT_ONCE), roster.lines, _PLACES]):
        found = await lines.content(tx, roster.roster_id, range(first, following))
        places = altered(roster.head, roster.content_hash, leaves, found)
        if places == [-1]:
            return [roster.roster_id]
        wrong += [line.line_id for line in found if line.place in places]
        count += len(found)
        total_fen += sum(line.amount_fen for line in found)
    return wrong if wrong or (count, total_fen) == (roster.lines, roster.total_fen) else [roster.roster_id]


async def is_signed(tx: Transaction, roster: Roster) -> bool:
    """Whether two different people signed for this very content, under seals that SQL alone cannot write."""
    signed = await rosters.signatures(tx, roster.roster_id)
    return (
        [one.place for one in signed] == [1, 2]
        and signed[0].signer != signed[1].signer
        and all(
            one.content_hash == roster.content_hash
            and one.seal == signature_seal(tx, roster.roster_id, one.place, one.signer, roster.content_hash)
            for one in signed
        )
    )


def signature_seal(tx: Transaction, roster_id: str, place: int, signer: str, content_hash: bytes) -> bytes:
    return tx.blind(f"signature:{roster_id}\n{place}\n{signer}\n{content_hash.hex()}")


def _refuse_wrong_signer(caller: Caller, roster: Roster, signed: list[Signature]) -> None:
    if not signed:
        if not caller.may(DRAWS_UP):
            raise FirstSignatureMissing
        return
    if caller.subject in (roster.drawn_by, signed[0].signer):
        raise SameSigner
    if caller.may(DRAWS_UP):
        raise SignedAlready


async def _lock(tx: Transaction, roster: Roster, now: datetime) -> None:
    await rosters.move(tx, roster.roster_id, RosterState.LOCKED, now=now)
    tx.say(
        RosterLocked(
            event_id=new_event_id(),
            occurred_at=now,
            roster_id=roster.roster_id,
            office=roster.office,
            month=str(roster.month),
            lines=roster.lines,
            total_fen=roster.total_fen,
            content_hash=roster.content_hash.hex(),
        )
    )
    tx.audit(
        Act.ROSTER_LOCKED,
        subject=roster.roster_id,
        office=roster.office,
        details={
            "month": str(roster.month),
            "lines": roster.lines,
            "total_fen": roster.total_fen,
            "content_hash": roster.content_hash.hex(),
        },
    )
