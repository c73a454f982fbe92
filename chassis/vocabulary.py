"""Names of the chassis' own metrics."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class ChassisMetric:
    name: str
    kind: str
    meaning: str
    labels: tuple[str, ...] = ()


EVENTS_TAKEN = ChassisMetric("hedui_events_taken_total", "counter", "Events that took effect, by type", ("type",))
EVENTS_PARKED = ChassisMetric("hedui_events_parked_total", "counter", "Events put aside, by type", ("type",))
WORK_DONE = ChassisMetric(
    "hedui_work_total", "counter", "Claimed rows by queue and how their call ended", ("queue", "outcome")
)
TIMER_RAN = ChassisMetric("hedui_timer_runs_total", "counter", "Timer runs by name and outcome", ("timer", "outcome"))
REQUESTS = ChassisMetric("hedui_http_requests_total", "counter", "Requests by route and status", ("route", "status"))
CALLS = ChassisMetric("hedui_http_calls_total", "counter", "Calls out by peer and outcome", ("peer", "outcome"))
CALL_SECONDS = ChassisMetric("hedui_http_call_seconds", "histogram", "Time a call out took, by peer", ("peer",))
REQUEST_SECONDS = ChassisMetric("hedui_http_request_seconds", "histogram", "Time to answer, by route", ("route",))
