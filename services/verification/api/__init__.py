"""Who may call verification, with what, getting what."""

from services.verification.api.routes import router

__all__ = ["router"]
