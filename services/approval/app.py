"""What happens when…? Approval in one table."""

from __future__ import annotations

from chassis.service import Service
from services.approval.settings import Settings

SERVICE = Service(name="approval", settings=Settings)
