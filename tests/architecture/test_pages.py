"""Generated pages are fresh, and nothing in them dangles."""

from __future__ import annotations

from docs import generate, policy


def test_flow_names_every_symbol_as_the_services_have_it() -> None:
    assert generate.symbols_only(generate.FLOW.read_text(encoding="utf-8")) == generate.symbols_only(generate.flow())


def test_policy_page_is_fresh() -> None:
    assert policy.PAGE.read_text(encoding="utf-8") == policy.page()


def test_no_requirement_dangles() -> None:
    assert policy.dangling() == []
