"""Chinese unless English is asked for more strongly."""

from __future__ import annotations

import pytest

from chassis.languages import preferred


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "zh"),
        ("*", "zh"),
        ("fr", "zh"),
        ("zh-CN", "zh"),
        ("en", "en"),
        ("EN-gb", "en"),
        ("en;q=0.5, zh;q=0.9", "zh"),
        ("en;q=0.9, zh-TW;q=0.5", "en"),
        ("en, zh", "zh"),
        ("en;q=0", "zh"),
        ("en;q=2", "zh"),
        ("en;q=nan", "zh"),
        ("en;q=x", "zh"),
        ("en;level=1", "zh"),
        ("," * 50 + "en", "zh"),
        (";;;", "zh"),
    ],
)
def test_the_stronger_wish_wins(header: str, language: str) -> None:
    assert preferred(header) == language
