"""Asks a local process over HTTP whether it is ready, and which business date it lives in."""

import http.client
import json


def is_ready(port: int) -> bool:
    """Whether `GET /readyz` answers 200."""
    return _readiness(port)[0] == http.client.OK


def business_date(port: int) -> str | None:
    """The business date (ISO) that a service's readiness shows; None when it does not answer."""
    try:
        shown = json.loads(_readiness(port)[1])
    except ValueError:
        return None
    value = shown.get("business_date") if isinstance(shown, dict) else None
    return value if isinstance(value, str) else None


def _readiness(port: int) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/readyz")
        answer = connection.getresponse()
        return answer.status, answer.read()
    except (OSError, http.client.HTTPException):
        return 0, b""
    finally:
        connection.close()
