"""Many whole numbers as one parameter: written as an array literal, which costs a quarter of handing over a list."""

from __future__ import annotations

from collections.abc import Iterable


def array_of(numbers: Iterable[int]) -> str:
    """`{1,2,3}`, to be read by the statement as `$1::text::bigint[]` or a smaller kind."""
    return "{" + ",".join(map(str, numbers)) + "}"
