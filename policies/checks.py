"""What must hold across regions and over time: parents, no overlap, no gap, no contradiction. Standard library only."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import pairwise

from policies.consistency import contradictions
from policies.lookup import effective, policy_for
from policies.model import KEYS, Dated, Packs, Region
from policies.problems import Problem
from policies.words import Level

_DAY = timedelta(days=1)
_RANKS = tuple(Level)


def check_packs(packs: Packs, files: Mapping[str, str]) -> list[Problem]:
    """Every problem of packs whose files are well formed; `files` names each region's file for the messages."""
    problems = list(_check_tree(packs, files))
    for region in packs.regions.values():
        for key, dated in region.values.items():
            problems.extend(_check_periods(files[region.code], f"{region.code}.{key}", dated))
    # Chains cannot be walked through a broken tree, and holes would be told twice.
    return problems or list(_check_policies(packs, files))


def _check_tree(packs: Packs, files: Mapping[str, str]) -> Iterator[Problem]:
    """Exactly one nation, and every other region beneath a parent of higher rank, so that no circle can close."""
    nations = [region for region in packs.regions.values() if region.level is Level.NATION]
    if len(nations) != 1:
        found = ", ".join(files[nation.code] for nation in nations) or "none"
        yield Problem("national.yaml", "regions", f"one region of level nation is needed, found {found}", "keep one")
    for region in packs.regions.values():
        file, path = files[region.code], f"{region.code}.parent"
        if region.level is Level.NATION:
            if region.parent is not None:
                yield Problem(file, path, "the nation inherits from nothing", "remove the parent")
        elif region.parent is None:
            yield Problem(file, path, "is missing", "write the code of the region that this one lies in")
        elif region.parent not in packs.regions:
            yield Problem(
                file, path, f"region {region.parent} stands in no pack", "add that region, or correct the code"
            )
        elif _RANKS.index(packs.regions[region.parent].level) >= _RANKS.index(region.level):
            yield Problem(
                file,
                path,
                f"a {region.level.value} cannot lie in a {packs.regions[region.parent].level.value}",
                "name a parent of higher rank",
            )


def _check_periods(file: str, path: str, dated: tuple[Dated, ...]) -> Iterator[Problem]:
    """Periods of one key in one region follow each other without overlap and without a gap."""
    for earlier, later in pairwise(dated):
        end, begins = earlier.citation.valid_to, later.citation.valid_from
        if end is None or end >= begins:
            shown = "without end" if end is None else f"until {end.isoformat()}"
            yield Problem(
                file,
                path,
                f"two values overlap: one holds {shown}, the next from {begins.isoformat()}",
                f"end the first with until: {(begins - _DAY).isoformat()}",
            )
        elif end + _DAY < begins:
            yield Problem(
                file,
                path,
                f"no value is given from {(end + _DAY).isoformat()} to {(begins - _DAY).isoformat()}",
                "close the gap with a value of its own or a later until",
            )


def _check_policies(packs: Packs, files: Mapping[str, str]) -> Iterator[Problem]:
    """On every day on which something changes, every region has all values and they agree with each other."""
    told: dict[str, set[str]] = {}
    for region in sorted(packs.regions.values(), key=lambda one: _RANKS.index(one.level)):
        # What an ancestor already lacks is told once, there.
        seen = told[region.code] = set(told.get(region.parent or "", ()))
        for day in _days_of_change(packs, region):
            found = effective(packs, region.code, day)
            missing = [key for key in KEYS if key not in found]
            for key in missing:
                if key not in seen:
                    seen.add(key)
                    what = f"no value holds from {day.isoformat()} on, here or in a parent"
                    yield Problem(files[region.code], f"{region.code}.{key}", what, "add the value with its basis")
            if missing:
                continue
            for key, what, remedy in contradictions(policy_for(packs, region.code, day)):
                if f"{key}: {what}" not in seen:
                    seen.add(f"{key}: {what}")
                    yield Problem(files[region.code], f"{region.code}.{key}", what, remedy)


def _days_of_change(packs: Packs, region: Region) -> list[date]:
    """The region's first day and every later day on which some value of its chain begins or has just ended."""
    days = {region.in_force_from}
    for ancestor in packs.chain(region.code):
        for dated in ancestor.values.values():
            for one in dated:
                days.add(one.citation.valid_from)
                if one.citation.valid_to is not None:
                    days.add(one.citation.valid_to + _DAY)
    return sorted(day for day in days if day >= region.in_force_from)
