"""Who may call intake, with what, getting what."""

from services.intake.api.routes import router

__all__ = ["router"]
