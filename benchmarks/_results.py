"""Result files: JSON with what was measured, by which versions, on what machine."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import json
import os
import platform
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

RESULTS = Path(__file__).parent / "results"


def environment():
    """Versions and machine that a result depends on."""
    packages = ("numpy", "scipy", "scikit-learn", "torch", "skorch", "numba")
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
    }


def save(name, records, folder=None, **facts):
    """Write `benchmarks/results/NAME.json`; the old file stays until the new one is whole."""
    folder = Path(folder or RESULTS)
    folder.mkdir(parents=True, exist_ok=True)
    content = {**facts, "environment": environment(), "records": records}
    path = folder / f"{name}.json"
    partial = path.with_suffix(".partial")
    partial.write_text(json.dumps(content, indent=1) + "\n")
    partial.replace(path)
    return path


def load(name, folder=None):
    """Read `benchmarks/results/NAME.json`, or that of another folder."""
    return json.loads((Path(folder or RESULTS) / f"{name}.json").read_text())


def _processor():
    """Model name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
