"""Named faults of bank and treasury, switched on and off while the simulator runs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

Peer = Literal["bank", "treasury"]
PEERS: tuple[Peer, ...] = ("bank", "treasury")


class MoneyFault(StrEnum):
    ANSWER_LOST = "answer_lost"
    """Executes, and drops the answer."""
    LATE = "late"
    """Begins only after `ms` milliseconds, if the instruction may still be executed then."""
    UNAVAILABLE = "unavailable"
    """HTTP 503, nothing executed."""
    DUPLICATE = "duplicate"
    """Does not look whether it has executed an instruction before."""
    GARBLED = "garbled"
    """Executes, and answers half a document."""
    REJECTED_CARD = "rejected_card"
    """Returns the money: no such card."""
    CLOSED_ACCOUNT = "closed_account"
    """Returns the money: the account is closed."""
    ONE_FEN = "one_fen"
    """Executes one fen more than told."""
    OTHER_CARD = "other_card"
    """Executes into another account than told."""
    TWICE = "twice"
    """Executes an instruction twice of its own accord."""


@dataclass(slots=True)
class Fault:
    peer: Peer
    kind: MoneyFault
    account: str | None = None
    """Only this account, or line at the treasury; None: whatever comes."""
    ms: int = 0
    times: int | None = None
    """How often it still strikes; None: until removed."""

    @property
    def fault_id(self) -> str:
        return f"{self.peer}:{self.kind}:{self.account or 'all'}"


class MoneyFaults:
    """The faults now in force."""

    def __init__(self) -> None:
        self._in_force: dict[str, Fault] = {}

    def put(self, fault: Fault) -> None:
        self._in_force[fault.fault_id] = fault

    def remove(self, fault_id: str) -> bool:
        return self._in_force.pop(fault_id, None) is not None

    def clear(self) -> None:
        self._in_force.clear()

    def all(self) -> Iterable[Fault]:
        return list(self._in_force.values())

    def strikes(self, peer: Peer, kind: MoneyFault, account: str | None = None) -> Fault | None:
        """The fault that befalls this, counted off; None where none does."""
        for name in dict.fromkeys((account or "all", "all")):
            fault = self._in_force.get(f"{peer}:{kind}:{name}")
            if fault is None:
                continue
            if fault.times is not None:
                fault.times -= 1
                if fault.times <= 0:
                    self.remove(fault.fault_id)
            return fault
        return None
