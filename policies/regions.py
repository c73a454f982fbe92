"""Reads the regions of one pack, already parsed, into typed dated values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from contracts.vocabulary import Basis
from policies.model import KEYS, PARTS, Citation, Dated, Region
from policies.problems import Page
from policies.reading import Wrong, read_value
from policies.words import Level

_PACK = ("pack", "edition", "documents", "regions")
_DOCUMENT = ("title", "number")
_REGION = ("region", "parent", "level", "name_zh", "name_en", "from", "values")
_VALUE = ("value", "basis", "document", "section", "why", "from", "until")


def read_regions(page: Page, written: object) -> list[Region]:
    """The regions of one pack. Whatever is wrong is noted on the page; a region with a broken head is left out."""
    pack = page.record("", written, _PACK, _PACK)
    if pack is None:
        return []
    pack_id = f"{page.text('pack', pack['pack'])}@{page.text('edition', pack['edition'])}"
    documents = _read_documents(page, pack["documents"])
    listed = enumerate(page.items("regions", pack["regions"]))
    return [region for number, raw in listed if (region := _read_region(page, number, raw, pack_id, documents))]


def _read_documents(page: Page, raw: object) -> dict[str, str]:
    """Title with number of every document of the pack, by the key that values cite."""
    found: dict[str, str] = {}
    for key, entry in page.mapping("documents", raw).items():
        path = f"documents.{key}"
        document = page.record(path, entry, _DOCUMENT, ("title",))
        if document is not None:
            title, number = page.text(f"{path}.title", document["title"]), document.get("number")
            found[key] = f"{title} {page.text(f'{path}.number', number)}" if number is not None else title
    return found


def _read_region(page: Page, number: int, raw: object, pack_id: str, documents: Mapping[str, str]) -> Region | None:
    place = f"regions[{number}]"
    head = page.record(place, raw, _REGION, tuple(key for key in _REGION if key != "parent"))
    if head is None:
        return None
    code = page.text(f"{place}.region", head["region"])
    parent = page.optional_text(f"{place}.parent", head.get("parent"))
    level = page.word(f"{place}.level", head["level"], Level)
    begins = page.day(f"{place}.from", head["from"])
    if not code or level is None or begins is None:
        return None
    return Region(
        code=code,
        parent=parent,
        level=level,
        name_zh=page.text(f"{place}.name_zh", head["name_zh"]),
        name_en=page.text(f"{place}.name_en", head["name_en"]),
        pack_id=pack_id,
        in_force_from=begins,
        values=MappingProxyType(_read_values(page, code, head["values"], pack_id, documents, begins)),
    )


def _read_values(
    page: Page, code: str, raw: object, pack_id: str, documents: Mapping[str, str], begins: date
) -> dict[str, tuple[Dated, ...]]:
    found: dict[str, tuple[Dated, ...]] = {}
    for part, fields in page.mapping(f"{code}.values", raw).items():
        if part not in PARTS:
            page.refuse(f"{code}.{part}", "is no part of the policy model", f"write one of: {', '.join(PARTS)}")
            continue
        for name, entries in page.mapping(f"{code}.{part}", fields).items():
            key, path = f"{part}.{name}", f"{code}.{part}.{name}"
            if key not in KEYS:
                known = [one.field for one in KEYS.values() if one.part == part]
                page.refuse(path, "is no key of the policy model", f"write one of: {', '.join(known)}")
                continue
            listed = entries if isinstance(entries, list) else [entries]
            read = [_read_dated(page, path, key, one, pack_id, documents, begins) for one in listed]
            found[key] = tuple(sorted((one for one in read if one), key=lambda one: one.citation.valid_from))
    return found


def _read_dated(
    page: Page, path: str, key: str, raw: object, pack_id: str, documents: Mapping[str, str], begins: date
) -> Dated | None:
    entry = page.record(path, raw, _VALUE, ("value", "basis"))
    if entry is None:
        return None
    before, known = len(page.problems), KEYS[key]
    value: object = None
    try:
        value = read_value(entry["value"], known.kind, known.rule, is_money=known.field.endswith("_fen"))
    except Wrong as wrong:
        page.refuse(f"{path}.value", wrong.what, wrong.remedy)
    basis = page.word(f"{path}.basis", entry["basis"], Basis)
    document = page.optional_text(f"{path}.document", entry.get("document"))
    section = page.optional_text(f"{path}.section", entry.get("section"))
    why = page.optional_text(f"{path}.why", entry.get("why"))
    _check_citation(page, path, basis, document, section, why, documents)
    valid_from = page.day(f"{path}.from", entry["from"]) if "from" in entry else begins
    valid_to = page.day(f"{path}.until", entry["until"]) if entry.get("until") is not None else None
    if valid_from is not None and valid_to is not None and valid_to < valid_from:
        page.refuse(f"{path}.until", "the value ends before it begins", "write the last day on which it holds")
    if basis is None or valid_from is None or len(page.problems) > before:
        return None
    citation = Citation(
        basis=basis,
        document=documents[document] if document else None,
        section=section,
        why=why,
        requirement=known.rule.requirement,
        pack_id=pack_id,
        valid_from=valid_from,
        valid_to=valid_to,
    )
    return Dated(value=value, citation=citation)


def _check_citation(
    page: Page,
    path: str,
    basis: Basis | None,
    document: str | None,
    section: str | None,
    why: str | None,
    documents: Mapping[str, str],
) -> None:
    """A value from a document or the nation cites one with its section; an assumed one gives its reason."""
    if basis is Basis.ASSUMED:
        if why is None:
            page.refuse(f"{path}.why", "an assumed value gives no reason", "say in a sentence why it was taken")
        if document is not None:
            page.refuse(
                f"{path}.document", "an assumed value cites a document", "drop it, or give the value that basis"
            )
    elif basis is not None:
        if document not in documents:
            cited = "no document" if document is None else f"{document}, which is no document of this pack"
            remedy = f"cite one of: {', '.join(documents)}; or mark the value assumed, with why"
            page.refuse(f"{path}.document", f"a value of basis {basis.value} cites {cited}", remedy)
        if section is None:
            remedy = "name the section or article; or mark the value assumed, with why"
            page.refuse(f"{path}.section", f"a value of basis {basis.value} names no section", remedy)
