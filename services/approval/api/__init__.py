"""Who may call approval, with what, getting what."""

from services.approval.api.routes import router as cases
from services.approval.api.spot_checks import router as spot_checks

__all__ = ["cases", "spot_checks"]
