"""What happens when…? Payments in one table."""

from __future__ import annotations

from chassis.service import Service
from services.payments.settings import Settings

SERVICE = Service(name="payments", settings=Settings)
