"""A tiny service in the place of a real one: answers readiness with the business date; fails or lingers when told."""

import json
import os
import signal
import sys
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


def main() -> None:
    site = json.loads(Path(os.environ["HEDUI_SITE_FILE"]).read_text(encoding="utf-8"))
    if site["options"].get("fails"):
        sys.exit("the stand-in was told to fail")
    clock = Path(site.get("clock_file", "/nonexistent"))

    class Door(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            offset = json.loads(clock.read_text())["offset_s"] if clock.exists() else 0
            today = (datetime.now(UTC) + timedelta(seconds=offset, hours=8)).date()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps({"business_date": today.isoformat()}).encode())

        def log_message(self, *arguments: object) -> None:
            print("asked", flush=True)

    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    HTTPServer((site["host"], site["port"]), Door).serve_forever()


if __name__ == "__main__":
    main()
