"""`make contracts`; with `--check` nothing is written and a stale or broken contract ends with 1."""

from __future__ import annotations

import argparse
import sys

from deploy.publishing import __doc__ as about
from deploy.publishing.documents import documents, incompatible, stale, write


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m deploy.publishing", description=about)
    parser.add_argument("--check", action="store_true", help="only say what is stale or broken")
    parser.add_argument(
        "--unreleased", action="store_true", help="rewrite even what breaks: nobody outside relies on it yet"
    )
    chosen = parser.parse_args(arguments)
    made = documents()
    broken = [] if chosen.unreleased else incompatible(made)
    for line in broken:
        print(f"incompatible  {line}")
    if broken:
        print("A published version must go on meaning what it meant: give the event a new `version`.")
        return 1
    differing = stale(made)
    for name in differing:
        print(f"{'stale    ' if chosen.check else 'written  '} {name}")
    if chosen.check:
        return 1 if differing else 0
    write(made)
    print(f"{len(made)} documents in contracts/published/ are up to date.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
