"""Result files: JSON with what was measured, by which versions, on what machine."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

from scann_sklearn._files import write_file

ROOT = Path(__file__).parent.parent
RESULTS = ROOT / "benchmarks" / "results"


def environment():
    """Versions and machine that a result depends on."""
    packages = ("numpy", "scipy", "scikit-learn", "torch", "skorch", "numba")
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "commit": commit(),
        "python": platform.python_version(),
        **{name: version(name) for name in packages},
        "processor": _processor(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        **_gpu(),
    }


@cache  # of the code that this process has loaded, whatever is committed meanwhile
def commit(root=ROOT):
    """Short id of the commit, with "+dirty" where the code has changes; None outside git."""
    try:
        top, short = _git(root, "rev-parse", "--show-toplevel", "--short", "HEAD").split("\n")
        code = ("scann_sklearn", "benchmarks", "pyproject.toml", ":(exclude)benchmarks/results")
        changes = _git(root, "status", "--porcelain", "--", *code)
    except (OSError, ValueError, subprocess.CalledProcessError):
        return None
    if Path(top) != Path(root).resolve():  # a copy inside another repository
        return None
    return short + "+dirty" * bool(changes)


def _git(root, *words):
    done = subprocess.run(["git", "-C", root, *words], capture_output=True, text=True, check=True)
    return done.stdout.strip()


class Run:
    """Records of a run, which take the place of the last one's when it is finished.

    Until then they are in ``NAME.unfinished.json``, where those of a run that failed stay.

    Parameters
    ----------
    name : str
        The file is ``NAME.json``.
    folder : path-like, default=None
        Where it is. None: ``benchmarks/results``.
    **facts
        What else the file says.
    """

    def __init__(self, name, folder=None, **facts):
        self.folder, self.records = Path(folder or RESULTS), []
        self.content = {**facts, "environment": environment(), "records": self.records}
        self.path = self.folder / f"{name}.json"
        self._unfinished = self.folder / f"{name}.unfinished.json"

    def add(self, *records):
        """Append records and keep them."""
        self.records.extend(records)
        self._write(self._unfinished)

    def go_on(self):
        """Take the records of an interrupted run of the same code and machine; their number."""
        if self._unfinished.exists():
            left = json.loads(self._unfinished.read_text())
            if left["environment"] | {"date": ""} == self.content["environment"] | {"date": ""}:
                self.records.extend(left["records"])
        return len(self.records)

    def finish(self):
        """Replace the result file."""
        self._write(self.path)
        self._unfinished.unlink(missing_ok=True)
        return self.path

    def _write(self, path):
        self.folder.mkdir(parents=True, exist_ok=True)
        write_file(path, (json.dumps(self.content, indent=1) + "\n").encode())


def load(name, folder=None):
    """Read `benchmarks/results/NAME.json`, or that of another folder."""
    return json.loads((Path(folder or RESULTS) / f"{name}.json").read_text())


def _gpu():
    """Name and driver of the machine's first GPU, where there is one."""
    words = ["nvidia-smi", "--query-gpu=name,driver_version", "--format=csv,noheader"]
    try:
        lines = subprocess.run(words, capture_output=True, text=True, check=True, timeout=20).stdout
    except (OSError, subprocess.SubprocessError):
        return {}
    return {"gpu": lines.splitlines()[0]} if lines else {}


def _processor():
    """Model name where the system tells it."""
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor()
