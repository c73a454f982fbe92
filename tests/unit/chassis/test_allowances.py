"""Buckets of requests: how fast one fills, whose it is, and that they stay few."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chassis import allowances
from chassis.allowances import Allowances, TooManyRequests
from chassis.site import AllowanceSite

COUNTY, OTHER = "cn/2307/230799/", "cn/65/654099/"


class HandClock:
    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


def buckets(clock: HandClock, requests_per_s: float = 4.0, burst: int = 3) -> Allowances:
    return Allowances(AllowanceSite(requests_per_s=requests_per_s, burst=burst), real_time=clock)


def granted(allowances: Allowances, times: int, org: str = COUNTY) -> int:
    """How many of so many requests at this instant get through."""
    through = 0
    for _ in range(times):
        try:
            allowances.spend(org)
        except TooManyRequests:
            continue
        through += 1
    return through


def test_a_burst_gets_through_and_no_more(clock: HandClock) -> None:
    assert granted(buckets(clock), 10) == 3


def test_the_bucket_fills_again_at_its_rate_and_never_above_its_brim(clock: HandClock) -> None:
    limited = buckets(clock)
    granted(limited, 10)
    clock.at += 0.25
    assert granted(limited, 10) == 1
    clock.at += 0.5
    assert granted(limited, 10) == 2
    clock.at += 3_600
    assert granted(limited, 10) == 3


def test_one_organisation_does_not_spend_another_ones(clock: HandClock) -> None:
    limited = buckets(clock)
    granted(limited, 10)
    assert granted(limited, 10, OTHER) == 3
    assert granted(limited, 10, f"{COUNTY}230799001/") == 3


def test_a_refusal_says_when_and_costs_nothing(clock: HandClock) -> None:
    limited = buckets(clock, requests_per_s=0.1, burst=1)
    granted(limited, 5)
    clock.at += 2.5
    with pytest.raises(TooManyRequests) as refused:
        limited.spend(COUNTY)
    assert refused.value.retry_after_s == 8
    assert refused.value.is_retryable
    clock.at += refused.value.retry_after_s
    limited.spend(COUNTY)


@given(st.lists(st.floats(0.0, 2.0), max_size=60), st.integers(1, 9), st.sampled_from([0.5, 3.0, 40.0]))
def test_never_more_than_the_burst_and_what_has_flowed_in(pauses: list[float], burst: int, rate: float) -> None:
    clock = HandClock()
    limited = buckets(clock, rate, burst)
    instants: list[float] = []
    for pause in pauses:
        clock.at += pause
        instants += [clock.at] * granted(limited, 3)
    for first in range(len(instants)):
        for last in range(first, len(instants)):
            assert last - first + 1 <= burst + rate * (instants[last] - instants[first]) + 1e-6


def test_buckets_stay_few_and_the_emptiest_are_kept(clock: HandClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(allowances, "_MOST_KEPT", 4)
    limited = buckets(clock)
    granted(limited, 10)
    for number in range(40):
        clock.at += 0.01
        assert granted(limited, 1, f"cn/{number:02d}/") == 1
        assert len(limited._full_at) <= 4
    assert granted(limited, 10) == 1


def test_an_ordinary_site_lets_a_county_in_bulk_through(clock: HandClock) -> None:
    """600 households a second one by one, for a minute, after a night's backlog sent at once."""
    limited = Allowances(AllowanceSite(), real_time=clock)
    assert granted(limited, 1_500) == 1_500
    for _ in range(60):
        clock.at += 1.0
        assert granted(limited, 600) == 600


@pytest.mark.parametrize("wrong", [{"requests_per_s": 0}, {"requests_per_s": -1}, {"burst": 0}])
def test_a_site_without_any_allowance_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        AllowanceSite.model_validate(wrong)
