"""What each addition costs a household: measured alone, with the sizes and counts the pipeline really has."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import Any

import asyncpg
import zstandard

from chassis.sealing import BlindIndex, Keyring

_PRIVATE_BYTES = 420
_SEALS = 8
"""People at intake and at rest in adapters and verification, events, arrivals, flags, report: sealed and opened."""
_ANSWERS_BYTES = 2_600
"""One household's share of the raw answers of twelve agencies."""
_AUDIT_ROWS = 4
_CELLS = 12
_ROUNDS = 20
_ROWS = 2_000


def _each_us(work: Callable[[], object], rounds: int = 2_000) -> float:
    begun = time.process_time()
    for _ in range(rounds):
        work()
    return (time.process_time() - begun) / rounds * 1e6


async def price_of_each(dsn: str) -> dict[str, float]:
    """Microseconds per household: CPU of this process for what Python does, elapsed time on an idle server for rows."""
    ring, index = Keyring("k", {"k": secrets.token_bytes(32)}), BlindIndex(secrets.token_bytes(32))
    private, answers = (
        secrets.token_bytes(_PRIVATE_BYTES),
        (b'{"ref":"01","id_number":"*","result":[]},' * 80)[:_ANSWERS_BYTES],
    )
    sealed = ring.seal(private, "bench")
    packer = zstandard.ZstdCompressor(level=3)
    connection = await asyncpg.connect(dsn)
    try:
        rows = await _rows(connection)
    finally:
        await connection.execute("drop table if exists bench_adder")
        await connection.close()
    return {
        "sealing": _SEALS
        * (_each_us(lambda: ring.seal(private, "bench")) + _each_us(lambda: ring.open(sealed, "bench"))),
        "blind_index": 3 * _each_us(lambda: index.of("990101196001010019")),
        "evidence": _each_us(lambda: ring.seal(packer.compress(answers), "bench")),
        "cells": _CELLS * rows["narrow row"],
        "audit": _AUDIT_ROWS * rows["audit row"],
        "row_level_security": (_CELLS / 4) * max(0.0, rows["guarded row"] - rows["narrow row"]),
    }


async def _rows(connection: Any) -> dict[str, float]:
    """Microseconds per row inserted by unnest: narrow, as an audit record, and narrow behind a row-level policy."""
    prices: dict[str, float] = {}
    offices = ["cn/2307/230799/230799001/"] * _ROWS
    numbers = list(range(_ROWS))
    for name, table, guard in (
        ("narrow row", 'office text collate "C", number int', ""),
        (
            "audit row",
            "office text collate \"C\", number int, at timestamptz default now(), actor text default 'system:bench',"
            " act text default 'check.opened', subject text default 'chk_0123456789', details text default '{}'",
            "",
        ),
        ("guarded row", 'office text collate "C", number int', "guard"),
    ):
        await connection.execute(f"drop table if exists bench_adder; create table bench_adder ({table})")
        if guard:
            await connection.execute(
                "do $$ begin if not exists (select from pg_roles where rolname = 'bench_guarded') then"
                " create role bench_guarded; end if; end $$;"
                "grant all on bench_adder to bench_guarded; alter table bench_adder enable row level security;"
                "create policy p on bench_adder using (office >= current_setting('hedui.low') and office <"
                " current_setting('hedui.high')); set role bench_guarded; set hedui.low = ''; set hedui.high = '~'"
            )
        begun = time.perf_counter()
        for _ in range(_ROUNDS):
            await connection.execute(
                "insert into bench_adder (office, number) select * from unnest($1::text[], $2::int[])", offices, numbers
            )
        prices[name] = (time.perf_counter() - begun) / _ROUNDS / _ROWS * 1e6
        await connection.execute("reset role")
    return prices
