"""What a route reaches of the process behind it, as dependencies."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

from fastapi import Depends, Request

from chassis.transaction import Database


# Coroutines on purpose: a plain function would be sent to a thread, which costs more than the rest of a small request.
async def _database(request: Request) -> Database:
    database: Database = request.app.state.runtime.database
    return database


async def _now(request: Request) -> datetime:
    return (await _database(request)).clock.now()


Db = Annotated[Database, Depends(_database)]
"""The service's database: `async with db.transaction(caller) as tx`."""

Now = Annotated[datetime, Depends(_now)]
"""The business instant at which the request is answered."""
