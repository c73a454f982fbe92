"""Payees: sealed wherever they stand, bound to their row, and found again by blind keys."""

from __future__ import annotations

import orjson

from chassis.transaction import Transaction
from contracts.values import AccountNumber, CitizenId, PersonName
from services.payments.domain.entitlement import Payee


def seal(tx: Transaction, payee: Payee, place: str) -> bytes:
    """`place` is `table:row id`."""
    content = [payee.member_id, payee.name.reveal(), payee.citizen_id.reveal(), payee.account.reveal()]
    return tx.seal(orjson.dumps(content), _context(place))


def unseal(tx: Transaction, sealed: bytes, place: str) -> Payee:
    member_id, name, citizen_id, account = orjson.loads(tx.open(sealed, _context(place)))
    return Payee(member_id, PersonName(name), CitizenId(citizen_id), AccountNumber(account))


def account_key(tx: Transaction, account: str) -> bytes:
    """Under which equal accounts are found; also what the bank's details are compared by."""
    return tx.blind(f"account:{account}")


def payee_key(tx: Transaction, payee: Payee) -> bytes:
    """Changes when the name, the resident id or the account does."""
    parts = (payee.name.reveal(), payee.citizen_id.reveal(), payee.account.reveal())
    return tx.blind("payee:" + "\n".join(parts))


def _context(place: str) -> str:
    table, _, row = place.partition(":")
    return f"{table}.payee:{row}"
