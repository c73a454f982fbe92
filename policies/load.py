"""Reads the YAML under policies/ once, at start. Everything wrong in all files is reported together.

The only module that knows YAML.
"""

from __future__ import annotations

from collections.abc import Hashable
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any

import yaml

from policies.calendar import Published, WorkCalendar
from policies.checks import check_packs
from policies.model import Packs, Region
from policies.problems import Page, PolicyRefused, Problem
from policies.regions import read_regions

_YEAR = ("year", "papers", "days")
_DAY = ("name", "date", "isOffDay")
_UNREADABLE = object()


def load_packs(folder: Path) -> Packs:
    """Every `*.yaml` pack of the folder, checked. Raises PolicyRefused."""
    problems: list[Problem] = []
    regions: dict[str, Region] = {}
    files: dict[str, str] = {}
    for file in sorted(folder.glob("*.yaml")):
        page = Page(file.name, problems)
        written = _parse(page, file)
        for region in [] if written is _UNREADABLE else read_regions(page, written):
            if region.code in regions:
                page.refuse(region.code, f"the region stands in {files[region.code]} too", "keep it in one place")
                continue
            regions[region.code], files[region.code] = region, file.name
    packs = Packs(regions=MappingProxyType(regions))
    # Checks across regions would only repeat what a broken file already says.
    if not problems:
        problems.extend(check_packs(packs, files) if regions else [_empty(folder, "policy pack", "national.yaml")])
    if problems:
        raise PolicyRefused(problems)
    return packs


def load_calendar(folder: Path) -> WorkCalendar:
    """The working-day calendar from `calendar/<year>.yaml` beneath the packs' folder. Raises PolicyRefused."""
    problems: list[Problem] = []
    years: list[Published] = []
    for file in sorted((folder / "calendar").glob("*.yaml")):
        page = Page(f"calendar/{file.name}", problems)
        written = _parse(page, file)
        year = None if written is _UNREADABLE else _read_year(page, file.stem, written)
        if year is not None:
            years.append(year)
    if not years and not problems:
        problems.append(_empty(folder / "calendar", "calendar year", "<year>.yaml of the State Council's notice"))
    if problems:
        raise PolicyRefused(problems)
    return WorkCalendar(years)


def _empty(folder: Path, what: str, example: str) -> Problem:
    return Problem(str(folder), "", f"holds no {what}", f"name the folder that holds {example}")


class _StrictLoader(yaml.SafeLoader):
    """Refuses a key written twice, of which YAML would silently keep the last."""

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if str(key.value) in seen:
                raise yaml.MarkedYAMLError(problem=f"the key {key.value} stands twice", problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def _parse(page: Page, file: Path) -> object:
    try:
        return yaml.load(file.read_text(encoding="utf-8"), _StrictLoader)  # noqa: S506 a SafeLoader beneath
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        page.refuse(f"line {line}", f"{error.problem}", "correct the YAML there")
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        page.refuse("", f"cannot be read as UTF-8 YAML ({type(error).__name__})", "write it as UTF-8 YAML")
    return _UNREADABLE


def _read_year(page: Page, stem: str, written: object) -> Published | None:
    before = len(page.problems)
    record = page.record("", written, _YEAR, _YEAR)
    if record is None:
        return None
    year = record["year"]
    if str(year) != stem or not isinstance(year, int):
        page.refuse("year", "does not agree with the file's name", "name the file <year>.yaml")
    papers = [
        page.text(f"papers[{number}]", paper) for number, paper in enumerate(page.items("papers", record["papers"]))
    ]
    if not papers:
        page.refuse("papers", "no paper is named", "name the notice that the days are taken from")
    days: dict[date, bool] = {}
    for number, raw in enumerate(page.items("days", record["days"])):
        _read_day(page, f"days[{number}]", raw, year, days)
    if not isinstance(year, int) or len(page.problems) > before:
        return None
    return Published(year=year, papers=tuple(papers), days=MappingProxyType(days))


def _read_day(page: Page, place: str, raw: object, year: object, days: dict[date, bool]) -> None:
    entry = page.record(place, raw, _DAY, _DAY)
    day = page.day(f"{place}.date", entry["date"]) if entry is not None else None
    if entry is None or day is None:
        return
    is_off = entry["isOffDay"]
    if not isinstance(is_off, bool):
        page.refuse(
            f"{place}.isOffDay", "expected true or false", "true for a rest day, false for a make-up working day"
        )
    # A notice for New Year may begin in the last days of December.
    elif day.year != year and (day.year + 1 != year or day.month != 12):
        page.refuse(f"{place}.date", f"{day.isoformat()} lies outside the year", "move it to the file of its year")
    elif day in days:
        page.refuse(f"{place}.date", f"{day.isoformat()} stands twice", "keep one line for each day")
    elif not is_off and day.weekday() < 5:
        page.refuse(f"{place}.isOffDay", f"{day.isoformat()} is a weekday", "list only weekend days as make-up days")
    else:
        days[day] = is_off
