"""Who may call payments, with what, getting what."""

from services.payments.api.routes import router

__all__ = ["router"]
