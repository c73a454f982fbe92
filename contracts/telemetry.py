"""Names of business metrics and attributes, with meaning and unit; technical ones belong to the chassis."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True)
class Metric:
    name: str
    kind: Literal["counter", "histogram", "gauge"]
    unit: str
    meaning: str
    labels: tuple[str, ...] = ()


APPLICATIONS = Metric(
    "intake_applications_total", "counter", "applications", "Applications taken, by state", ("state",)
)
ANSWERS = Metric(
    "adapters_answers_total",
    "counter",
    "cells",
    "Member x agency cells ended, by agency and outcome",
    ("agency", "outcome"),
)
FLAGS = Metric("verification_flags_total", "counter", "flags", "Flags raised, by code", ("code",))
REPORTS = Metric(
    "verification_reports_total", "counter", "reports", "Report versions issued, by conclusion", ("conclusion",)
)
PAYMENTS = Metric("payments_settled_total", "counter", "lines", "Attempts to pay that ended, by outcome", ("outcome",))

METRICS: tuple[Metric, ...] = (APPLICATIONS, ANSWERS, FLAGS, REPORTS, PAYMENTS)

ATTRIBUTES: dict[str, str] = {
    "hedui.application_id": "Opaque application id",
    "hedui.check_id": "Opaque check id",
    "hedui.agency": "Agency code",
    "hedui.batch_size": "Households in one batch",
}
