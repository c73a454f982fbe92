"""Every operation, asked by every role from every relation, and what must have become of it."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import asyncpg
import httpx
import orjson

from chassis.callers import Caller
from tests.access.estate import Thing
from tests.access.operations import Operation
from tests.access.policy import NOWHERE, PERMISSIONS, ROLES, Reach, Relation, Verdict, caller_of, verdict
from tests.access.seeding import Stage

_OWN_WORDS = ("instance", "trace_id")
_TABLES = """
select relname from pg_class join pg_namespace n on n.oid = relnamespace
where relkind = 'r' and nspname = 'public' and relname not like 'alembic%' order by 1
"""
_CONTENT = """
select '{name}' as name, count(*) as n, coalesce(sum(hashtextextended(t::text, 0)), 0) as sum from {name} t
"""
_KEPT_ANSWERS = "idempotency"


class Cell(NamedTuple):
    operation: str
    role: str
    relation: Relation

    def __str__(self) -> str:
        return f"{self.operation} · {self.role} · {self.relation.value}"


class Asked(NamedTuple):
    """An answer as two of them are compared: nothing in it that differs from request to request."""

    status: int
    headers: tuple[tuple[str, str], ...]
    content: str


@dataclass
class Matrix:
    """One service's cells. `leaks` says what went wrong, cell by cell."""

    stage: Stage
    operations: Mapping[str, Operation]
    admin: asyncpg.Connection

    def __post_init__(self) -> None:
        self.cells = 0
        self.leaks: list[str] = []
        self.succeeded: set[str] = set()
        self._numbers = itertools.count()
        self._tag = ""
        self._nothings: dict[tuple[str, str, Relation | None], Asked] = {}
        self._bearers: dict[tuple[str, str], dict[str, str]] = {}

    async def run(self) -> None:
        """First all that must be kept out, which may change nothing; then what gets in, in the order of the table."""
        await self.keep_out(Verdict.NOT_PERMITTED, Verdict.AS_ABSENT)
        for name, operation in self.operations.items():
            await self._let_in(name, operation)

    async def keep_out(self, *verdicts: Verdict) -> None:
        """Ask the cells with these verdicts, and see that all of them together change nothing."""
        self._statement = await self._snapshot_statement()
        for name, operation in self.operations.items():
            await self._look_at_tag(name)
            before = await self._snapshot(operation)
            for cell, what in self._cells(name, operation):
                if what in verdicts:
                    await self._keep_out(cell, operation, what)
            await self._compare(name, before, await self._snapshot(operation))

    def _cells(self, name: str, operation: Operation) -> Iterator[tuple[Cell, Verdict]]:
        for role, relation in itertools.product(ROLES, Relation):
            yield Cell(name, role, relation), verdict(role, operation.permission, relation)

    async def _let_in(self, name: str, operation: Operation) -> None:
        await self._look_at_tag(name)
        before = await self._snapshot(operation)
        for cell, what in self._cells(name, operation):
            if what is Verdict.NOT_IN_CHARGE:
                answer = await self._ask(cell, operation, self._thing(operation))
                self._expect(cell, answer, answer.status_code == 403 and _code(answer) == "not-the-authority", what)
        await self._compare(name, before, await self._snapshot(operation))
        for cell, what in self._cells(name, operation):
            if what is Verdict.REACHED:
                answer = await self._ask(cell, operation, self._thing(operation))
                self._expect(cell, answer, self._is_reached(cell, answer), what)
                self._look_for_others(cell, what, self._thing(operation), answer)
                if answer.status_code < 300:
                    self.succeeded.add(name)
                    await self._look_at_tag(name)

    async def _keep_out(self, cell: Cell, operation: Operation, what: Verdict) -> None:
        thing = self._thing(operation)
        answer = await self._ask(cell, operation, thing)
        told, untold = _comparable(answer, thing), await self._about_nothing(cell, operation, what)
        caller = self._caller(cell, thing)
        if what is Verdict.NOT_PERMITTED:
            holds = answer.status_code == 403 and _code(answer) == "permission-missing" and told == untold
        elif not operation.is_named or operation.is_rows:
            holds = answer.status_code == 200
            if self.stage.estate.is_empty_to(caller.org):
                nowhere = await self._ask(cell, operation, thing, office=NOWHERE)
                holds = holds and told == _comparable(nowhere, thing)
        else:
            holds = told == untold and (
                answer.status_code in (403, 404) or (answer.status_code == 200 and _is_void(answer.json()))
            )
        self._expect(cell, answer, holds, what)
        self._look_for_others(cell, what, thing, answer)

    async def _about_nothing(self, cell: Cell, operation: Operation, what: Verdict) -> Asked:
        """The answer about a thing that does not exist; where a role may not ask at all, the same everywhere."""
        place = (cell.operation, cell.role, None if what is Verdict.NOT_PERMITTED else cell.relation)
        if place not in self._nothings:
            nothing = self._thing(operation).unknown()
            self._nothings[place] = _comparable(await self._ask(cell, operation, nothing), nothing)
        return self._nothings[place]

    def _expect(self, cell: Cell, answer: httpx.Response, holds: bool, what: Verdict) -> None:
        self.cells += 1
        if not holds:
            self.leaks.append(f"{cell}: {answer.status_code} {_code(answer)}, not {what.value}")

    def _is_reached(self, cell: Cell, answer: httpx.Response) -> bool:
        """Found and shown; or understood, and what stands against the act is how the thing stands, not who asks."""
        operation = self.operations[cell.operation]
        if cell.operation.startswith("POST"):
            stands_against = answer.status_code in (409, 422, 423) and not _code(answer).endswith("-invalid")
            return answer.status_code < 300 or stands_against
        is_nameless = operation.is_nameless or PERMISSIONS[operation.permission].reach is Reach.NOBODYS
        org = self._caller(cell, self._thing(operation)).org
        own = frozenset().union(*(one.marks for one in self.stage.estate.things if one.office.startswith(org)))
        return answer.status_code == 200 and (is_nameless or any(mark in answer.text for mark in own))

    def _look_for_others(self, cell: Cell, what: Verdict, thing: Thing, answer: httpx.Response) -> None:
        """Nothing that is not the caller's may show, but what he sent himself; and no number of anybody's at all."""
        operation = self.operations[cell.operation]
        shown = answer.text + "\n".join(f"{name}: {value}" for name, value in answer.headers.items())
        estate = self.stage.estate
        if PERMISSIONS[operation.permission].reach is not Reach.NOBODYS:
            sent = thing.marks if operation.is_named else frozenset()
            foreign = [mark for mark in estate.beyond(self._caller(cell, thing).org) - sent if mark in shown]
            self.leaks += [f"{cell}: shows {mark}" for mark in foreign]
        is_to_be_named = operation.is_named_document and what is Verdict.REACHED
        secret = estate.numbers if is_to_be_named else estate.numbers | estate.names
        self.leaks += [f"{cell}: tells who somebody is" for word in secret if word in shown]

    def _thing(self, operation: Operation) -> Thing:
        estate = self.stage.estate
        if operation.about == "county":
            assert estate.county is not None
            return estate.county
        return estate.township

    def _caller(self, cell: Cell, thing: Thing, office: str | None = None) -> Caller:
        own = {"township": self.stage.estate.township, "county": self.stage.estate.county}
        about = own[self.operations[cell.operation].about]
        assert about is not None
        org = office or caller_of(about.office, cell.relation)
        granted = frozenset(name for name, rule in PERMISSIONS.items() if cell.role in rule.roles)
        return Caller(f"{cell.role}-1", cell.role, org, granted, f"desk-{cell.role}")

    async def _ask(
        self, cell: Cell, operation: Operation, thing: Thing, *, office: str | None = None
    ) -> httpx.Response:
        method, path = cell.operation.split(" ")
        caller = self._caller(cell, thing, office)
        bearer = self._bearer(caller)
        address = f"/{self.stage.name}/v1{path}".format(**thing.ids)
        if operation.query:
            address += "?" + operation.query.format(**thing.ids)
        if method == "GET":
            return await self.stage.client.get(address, headers=bearer)
        headers = bearer | {"idempotency-key": f"k-{next(self._numbers)}", "content-type": "application/json"}
        if self._tag:
            headers["if-match"] = self._tag
        body = operation.body(thing) if operation.body else {}
        return await self.stage.client.request(method, address, headers=headers, content=orjson.dumps(body))

    def _bearer(self, caller: Caller) -> dict[str, str]:
        """One token for each role and office, as a desk has it for an hour."""
        place = (caller.role, caller.org)
        if place not in self._bearers:
            self._bearers[place] = self.stage.issuer.bearer(
                " ".join(sorted(caller.scopes)), caller.org, sub=caller.subject, role=caller.role, client=caller.client
            )
        return self._bearers[place]

    async def _look_at_tag(self, name: str) -> None:
        """The tag a thing that is changed has now: who stands outside may have got hold of it."""
        found = re.fullmatch(r"POST (/(?:cases|flags)/\{[a-z_]+\})/[a-z]+", name)
        self._tag = ""
        if found:
            answer = await self.stage.get(found[1].format(**self.stage.estate.township.ids))
            self._tag = answer.headers["etag"]

    async def _snapshot_statement(self) -> str:
        names = [row["relname"] for row in await self.admin.fetch(_TABLES)]
        return " union all ".join(_CONTENT.format(name=name) for name in names)

    async def _snapshot(self, operation: Operation) -> dict[str, tuple[int, int]]:
        """Every table by its number of rows and a sum over their content."""
        rows = await self.admin.fetch(self._statement)
        left_out = {_KEPT_ANSWERS} if operation.is_of_many else set()
        return {row["name"]: (row["n"], row["sum"]) for row in rows if row["name"] not in left_out}

    async def _compare(self, name: str, before: dict[str, Any], after: dict[str, Any]) -> None:
        changed = [table for table in before if before[table] != after[table]]
        self.leaks += [f"{name}: whoever was kept out has changed {table}" for table in changed]


def _code(answer: httpx.Response) -> str:
    try:
        content = answer.json()
    except ValueError:
        return ""
    return str(content.get("code", "")) if isinstance(content, dict) else ""


def _comparable(answer: httpx.Response, thing: Thing) -> Asked:
    """Without what is the request's own, and blind to the ids that were sent."""
    try:
        content = answer.json()
    except ValueError:
        content = answer.text
    text = orjson.dumps(_without_own_words(content), option=orjson.OPT_SORT_KEYS).decode()
    for value in (thing.ids["office"], *sorted(thing.marks, key=len, reverse=True)):
        text = text.replace(value, "…")
    names = ("content-type", "content-language", "location", "etag", "link", "retry-after", "idempotent-replayed")
    headers = tuple((name, answer.headers[name]) for name in names if name in answer.headers)
    return Asked(answer.status_code, headers, text)


def _without_own_words(content: Any) -> Any:
    if isinstance(content, dict):
        return {name: _without_own_words(inner) for name, inner in content.items() if name not in _OWN_WORDS}
    return [_without_own_words(inner) for inner in content] if isinstance(content, list) else content


def _is_void(content: Any) -> bool:
    """An answer of the right shape with nothing in it: empty lists, no objects; or nothing accepted of a batch."""
    if "results" in content:
        return bool(content["accepted"] == content["incomplete"] == 0)
    return not any(content[name] for name in content if name != "page")
