"""A second reckoning of the benefit, written from the text of the rules and knowing nothing of the product's.

    最低生活保障金按差额发放:家庭月保障金 = 当地标准 × 保障人数 − 家庭月收入,不为负。
    重度残疾人、重病患者、老年人、未成年人、军烈属、在乡老复员军人按当地标准的 15% 加发;
    同一人符合多项的,只加发一次。收入低于标准方可享受;等于标准不享受。

In exact fractions of a yuan, person by person, as somebody with paper would do it.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

ENTITLED_TO_MORE = ("severely_disabled", "seriously_ill", "elderly", "minor", "military_family", "old_demobilised")


def month_by_hand(standard_yuan: Decimal, income_yuan: Decimal, members: Sequence[Sequence[str]]) -> Decimal:
    """What the household gets for a month, in yuan with two decimals."""
    heads = len(members)
    each_has = Fraction(income_yuan) / heads
    each_lacks = Fraction(standard_yuan) - each_has
    if each_lacks <= 0:
        return Decimal("0.00")
    total = sum((each_lacks for _ in members), Fraction(0))
    bonus = (standard_yuan * 15 / 100).quantize(Decimal("0.01"), ROUND_HALF_UP)
    for groups in members:
        if any(group in ENTITLED_TO_MORE for group in groups):
            total += Fraction(bonus)
    assert (total * 100).denominator == 1, "income and standard are whole fen, so the sum is"
    return Decimal(int(total * 100)) / 100
