"""The one table of legal moves. The database holds the same table and refuses whatever is not in it (R-114)."""

from __future__ import annotations

from enum import StrEnum
from typing import Final, NamedTuple

from services.approval.domain.words import State


class Move(StrEnum):
    """What moves a case from one state to another."""

    OPINE = "opine"
    VOID = "void"
    APPROVE = "approve"
    REFUSE = "refuse"
    POST = "post"
    OBJECT = "object"
    CERTIFY = "certify"
    HOLD = "hold"
    PAY = "pay"
    CLOSE = "close"


class Way(NamedTuple):
    """A legal move. `opens`: a new version of the case begins, on which another decision may be made."""

    source: State
    move: Move
    target: State
    opens: bool = False


MOVES: Final[tuple[Way, ...]] = (
    Way(State.REVIEW, Move.OPINE, State.OPINED),
    Way(State.HELD, Move.OPINE, State.OPINED),
    Way(State.OPINED, Move.VOID, State.REVIEW),
    Way(State.OPINED, Move.APPROVE, State.APPROVED),
    Way(State.OPINED, Move.REFUSE, State.REFUSED),
    Way(State.APPROVED, Move.POST, State.PUBLICITY),
    Way(State.PUBLICITY, Move.OBJECT, State.REVIEW, opens=True),
    Way(State.PUBLICITY, Move.CERTIFY, State.CERTIFIED),
    Way(State.CERTIFIED, Move.PAY, State.PAID),
    Way(State.APPROVED, Move.HOLD, State.HELD, opens=True),
    Way(State.REFUSED, Move.HOLD, State.HELD, opens=True),
    Way(State.PUBLICITY, Move.HOLD, State.HELD, opens=True),
    Way(State.CERTIFIED, Move.HOLD, State.HELD, opens=True),
    Way(State.REVIEW, Move.CLOSE, State.CLOSED),
    Way(State.OPINED, Move.CLOSE, State.CLOSED),
    Way(State.HELD, Move.CLOSE, State.CLOSED),
    Way(State.APPROVED, Move.CLOSE, State.CLOSED),
    Way(State.PUBLICITY, Move.CLOSE, State.CLOSED),
    Way(State.CERTIFIED, Move.CLOSE, State.CLOSED),
)

_WAYS: Final = {(way.source, way.move): way for way in MOVES}


class IllegalMove(Exception):
    """A case cannot go from where it stands to where it was sent."""

    def __init__(self, source: State, move: Move) -> None:
        super().__init__(f"{move.value} from {source.value}")
        self.source = source
        self.move = move


def way_of(source: State, move: Move) -> Way:
    """The way a move takes from a state; raises IllegalMove where there is none."""
    way = _WAYS.get((source, move))
    if way is None:
        raise IllegalMove(source, move)
    return way


def may(source: State, move: Move) -> bool:
    """Whether the move is legal from this state."""
    return (source, move) in _WAYS
