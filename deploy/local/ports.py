"""Which port each process listens on: the map's where it is free, otherwise another, remembered under `var/`."""

import json
import random
import socket
from collections.abc import Mapping
from pathlib import Path

from deploy.local.process import write_private

# Below the range from which Linux takes the ports of outgoing connections.
_CHOICE = range(20000, 32000)


class PortBook:
    """The ports of one platform, kept in a file so that the next start uses the same ones."""

    def __init__(self, path: Path, preferred: Mapping[str, int], *, own_choice: bool = False) -> None:
        """`own_choice` leaves the map's ports to others (tests beside a developer's platform)."""
        self._path = path
        self._preferred = preferred
        self._own_choice = own_choice

    def __getitem__(self, name: str) -> int:
        """The port of a process; one never claimed yet has the map's."""
        return self._remembered().get(name, self._preferred[name])

    def claim(self, name: str) -> int:
        """Settles the port of a process that is about to start, and remembers it."""
        ports = self._remembered()
        remembered = ports.get(name)
        choices = [remembered] if remembered else []
        if not self._own_choice:
            choices.append(self._preferred[name])
        others = {port for other, port in ports.items() if other != name} | {
            port for other, port in self._preferred.items() if other != name
        }
        port = next((port for port in choices if is_free(port)), None) or _another(others)
        if port != remembered:
            ports[name] = port
            write_private(self._path, json.dumps(ports, indent=1))
        return port

    def moved(self) -> dict[str, tuple[int, int]]:
        """Processes that do not listen where the map says: name -> (the map's port, theirs)."""
        return {
            name: (self._preferred[name], port)
            for name, port in self._remembered().items()
            if port != self._preferred[name]
        }

    def _remembered(self) -> dict[str, int]:
        # Read each time: another program may have started the process since.
        try:
            ports: dict[str, int] = json.loads(self._path.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return {}
        return ports


def is_free(port: int) -> bool:
    """Whether nobody listens on this loopback port now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def answers(port: int) -> bool:
    """Whether somebody accepts connections on this loopback port now."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _another(taken: set[int]) -> int:
    for port in random.sample(_CHOICE, len(_CHOICE)):
        if port not in taken and is_free(port):
            return port
    raise RuntimeError("No free port is left between 20000 and 32000; stop something that listens there.")
