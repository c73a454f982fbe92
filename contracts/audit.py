"""Every auditable act, `subject.act`: the whole list of what the trail can say."""

from __future__ import annotations

from enum import StrEnum


class Act(StrEnum):
    APPLICATION_SUBMITTED = "application.submitted"
    APPLICATION_KEPT_INCOMPLETE = "application.kept_incomplete"
    APPLICATION_COMPLETED = "application.completed"
    APPLICATION_WITHDRAWN = "application.withdrawn"
    APPLICATION_READ = "application.read"
    MATERIAL_ADDED = "material.added"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    CHECK_OPENED = "check.opened"
    CHECK_STOPPED = "check.stopped"
    AGENCY_ASKED = "agency.asked"
    AGENCY_ANSWERED = "agency.answered"
    ANSWER_QUARANTINED = "answer.quarantined"
    FLAG_READ = "flag.read"
    FLAG_RESOLVED = "flag.resolved"
    REPORT_ISSUED = "report.issued"
    REPORT_READ = "report.read"
    EVENT_REDRIVEN = "event.redriven"
