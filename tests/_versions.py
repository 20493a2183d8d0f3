"""The oldest versions that `pyproject.toml` allows, and those that are here: fits in both.

    python -m tests._versions oldest --venv .venv-oldest
    python -m tests._versions newest
    python -m tests._versions newest --files regressor test_linear_maps.py

The first makes an environment of its own with the lower bounds of all dependencies, and takes some
minutes and, where torch comes with its libraries for GPUs, some gigabytes. Both run the same tests,
and write what came of them to ``tests/campaigns/results/versions_NAME.json``, with
``.unfinished`` in its name until all were run with these versions. Of files that are named those
results are replaced; without names, those that are missing or failed are run.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import tomllib
import xml.etree.ElementTree as ET
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
RESULTS = ROOT / "tests" / "campaigns" / "results"
# Kernels, both engines, all heads, files: what depends on the versions.
TESTS = (
    "network/test_kernels.py", "network/test_engines.py", "network/test_compile_cache.py",
    "classifier/test_determinism.py", "classifier/test_weights.py", "classifier/test_sparse.py",
    "classifier/test_persistence.py", "classifier/test_multilabel.py", "regressor",
    "early_exit/test_sections.py", "resume/test_bit_equal.py", "export/test_sparse_model.py",
    "synthesis/test_device.py", "test_linear_maps.py", "test_public_api.py",
)  # fmt: skip
COUNTS = ("tests", "failures", "errors", "skipped")
NAMES = ("numpy", "scipy", "scikit-learn", "numba", "torch", "skorch", "joblib")
# What the tests need besides, in any version that suits.
TOOLS = ("pytest==8.3.*", "pytest-xdist", "pytest-random-order", "pytest-cov", "hypothesis",
         "numpydoc", "pandas", "polars", "matplotlib", "onnx", "onnxruntime", "pooch", "skops",
         "ziglang", "unicorn")  # fmt: skip
_LOOK = """
import json
from importlib.metadata import version
print(json.dumps({{name: version(name) for name in {}}}))
"""


def bounds():
    """Requirements of the lowest versions: ``numpy>=2.0`` becomes ``numpy==2.0``."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    found = [re.match(r"([\w-]+)>=([\d.]+)", text) for text in project["dependencies"]]
    return [f"{match[1]}=={match[2]}" for match in found]


def install(folder):
    """Make an environment of the lowest versions; its Python."""
    python = Path(folder, "Scripts" if sys.platform == "win32" else "bin", "python")
    if not python.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    command = [python, "-m", "pip", "install", "--quiet", "--only-binary", ":all:"]
    subprocess.run([*command, *bounds(), *TOOLS], check=True)
    return python


def run_tests(python, name, cache):
    """Numbers of the tests of one of `TESTS` by outcome, and the names of those that failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [python, "-m", "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider"]
        environment = os.environ | {"PYTHONPATH": str(ROOT)} | cache
        words = [*command, f"--junitxml={report}", f"tests/{name}"]
        subprocess.run(words, cwd=ROOT, env=environment)
        suite = ET.parse(report).getroot().find("testsuite")
    counts = {count: int(suite.get(count)) for count in COUNTS}
    bad = [
        f"{case.get('classname')}::{case.get('name')}"
        for case in suite.iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    ]
    return {"file": name, **counts, "failed": bad}


class Result:
    """Outcomes by file, those of an earlier run with the same versions among them."""

    def __init__(self, folder, name, facts):
        self.path, self.facts, self.of = folder / f"versions_{name}.json", facts, {}
        self._unfinished = self.path.with_suffix(".unfinished.json")
        for path in (self.path, self._unfinished):
            found = json.loads(path.read_text()) if path.exists() else {}
            if found.get("versions") == facts["versions"]:
                self.of |= {r["file"]: r for r in found["records"] if r["file"] in TESTS}

    def missing(self):
        """Files that were not run, or failed."""
        return [name for name in TESTS if name not in self.of or self.of[name]["failed"]]

    def add(self, record):
        """Keep the outcome of a file."""
        self.of[record["file"]] = record
        records = [self.of[name] for name in TESTS if name in self.of]
        totals = {count: sum(r[count] for r in records) for count in COUNTS}
        date = datetime.now(UTC).strftime("%Y-%m-%d")
        content = {**self.facts, "date": date, **totals, "records": records}
        is_whole = len(records) == len(TESTS)
        self.path.parent.mkdir(parents=True, exist_ok=True)
        path = self.path if is_whole else self._unfinished
        path.write_text(json.dumps(content, indent=1) + "\n")
        if is_whole:
            self._unfinished.unlink(missing_ok=True)


def main():
    """Install where asked to, run the tests, write the result."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", choices=["oldest", "newest"])
    parser.add_argument("--venv", help="folder of the environment of the oldest versions")
    parser.add_argument("--files", nargs="+", choices=TESTS, metavar="FILE", help="of these alone")
    parser.add_argument("--into", type=Path, default=RESULTS, help="folder of the result")
    given = parser.parse_args()
    if given.name == "oldest" and given.venv is None:
        parser.error("the oldest versions need --venv")
    python, cache = sys.executable, {}
    if given.name == "oldest":  # kernels of two versions of numba would replace each other
        python, cache = install(given.venv), {"NUMBA_CACHE_DIR": str(Path(given.venv, "kernels"))}
    looked = subprocess.run(
        [python, "-c", _LOOK.format(NAMES)], capture_output=True, text=True, check=True
    )
    command = f"python -m tests._versions {given.name}" + " --venv FOLDER" * bool(given.venv)
    facts = {"command": command, "versions": json.loads(looked.stdout)}
    result = Result(given.into, given.name, facts)
    for name in given.files or result.missing():
        result.add(run_tests(python, name, cache))
        print(json.dumps(result.of[name], indent=1), flush=True)
    return any(r["failed"] for r in result.of.values())


if __name__ == "__main__":
    sys.exit(main())
