"""How much memory a process held at most, by the kernel's own high-water mark."""

from __future__ import annotations

from pathlib import Path

_FORGET_PEAK = "5"


def forget_peak(pid: int) -> None:
    """Let the process's high-water mark begin anew at what it holds now."""
    Path(f"/proc/{pid}/clear_refs").write_text(_FORGET_PEAK)


def peak_mb(pid: int) -> float:
    """The most the process has held in memory since its mark was last set back, in MiB."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) / 1024
    raise RuntimeError("the kernel keeps no high-water mark")
