"""The oldest versions that `pyproject.toml` allows, and those that are here: fits in both.

    python -m tests._versions oldest --venv .venv-oldest
    python -m tests._versions newest

The first makes an environment of its own with the lower bounds of all dependencies, and takes some
minutes and, where torch comes with its libraries for GPUs, some gigabytes. Both run the same tests,
and write what came of them to ``tests/campaigns/results/versions_NAME.json``.
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
    "test_linear_maps.py", "test_public_api.py",
)  # fmt: skip
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


def run_tests(python):
    """Numbers of tests by outcome, and the names of those that failed."""
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder, "report.xml")
        command = [python, "-m", "pytest", "-q", "-m", "not slow", "-p", "no:cacheprovider"]
        paths = [f"tests/{name}" for name in TESTS]
        environment = os.environ | {"PYTHONPATH": str(ROOT), "NUMBA_CACHE_DIR": f"{folder}/numba"}
        words = [*command, f"--junitxml={report}", *paths]
        subprocess.run(words, cwd=ROOT, env=environment)
        suite = ET.parse(report).getroot().find("testsuite")
    counts = {name: int(suite.get(name)) for name in ("tests", "failures", "errors", "skipped")}
    bad = [
        f"{case.get('classname')}::{case.get('name')}"
        for case in suite.iter("testcase")
        if case.find("failure") is not None or case.find("error") is not None
    ]
    return counts, bad


def main():
    """Install where asked to, run the tests, write the result."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("name", choices=["oldest", "newest"])
    parser.add_argument("--venv", help="folder of the environment of the oldest versions")
    parser.add_argument("--into", type=Path, default=RESULTS, help="folder of the result")
    given = parser.parse_args()
    if given.name == "oldest" and given.venv is None:
        parser.error("the oldest versions need --venv")
    python = install(given.venv) if given.name == "oldest" else sys.executable
    looked = subprocess.run(
        [python, "-c", _LOOK.format(NAMES)], capture_output=True, text=True, check=True
    )
    counts, bad = run_tests(python)
    result = {
        "command": f"python -m tests._versions {given.name}" + " --venv FOLDER" * bool(given.venv),
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "versions": json.loads(looked.stdout), "files": list(TESTS), **counts, "failed": bad,
    }  # fmt: skip
    given.into.mkdir(parents=True, exist_ok=True)
    path = given.into / f"versions_{given.name}.json"
    path.write_text(json.dumps(result, indent=1) + "\n")
    print(json.dumps(result, indent=1))
    return bool(bad)


if __name__ == "__main__":
    sys.exit(main())
