"""What all tests share: one thread a worker, repeatable examples, skips, the real data sets."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
import signal

# Two workers with a thread pool each would compete for the same cores. Set before numpy and torch
# are imported, which is when the pools read it.
if "PYTEST_XDIST_WORKER" in os.environ:
    for _variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
        os.environ.setdefault(_variable, "1")

# Figures without a screen, also those of the examples in docstrings.
os.environ.setdefault("MPLBACKEND", "Agg")

from pathlib import Path

import pytest
from hypothesis import settings

from . import _skips
from ._optional import no_data

# The sdist has neither: what is about them stays out.
_ROOT = Path(__file__).resolve().parents[1]
collect_ignore = [] if (_ROOT / "benchmarks").is_dir() else ["benchmarks"]
if not (_ROOT / "docs").is_dir():
    collect_ignore += ["test_docs.py", "test_examples.py", "test_inventories.py"]

# No deadline: the first example compiles kernels. Derandomized: a red test is red for everyone.
settings.register_profile("scann", deadline=None, derandomize=True)
settings.load_profile("scann")


def pytest_configure(config):
    # A job in the background ignores Ctrl-C, and so would what it starts.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    # From here it sees the reports of all tests, the doctests of the library too.
    config.pluginmanager.register(_skips)


@pytest.fixture(scope="session", autouse=True)
def zig_cache(tmp_path_factory):
    """What Zig's compiler keeps: one folder a session, shared by its workers."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent
    with pytest.MonkeyPatch.context() as patch:
        for variable in ("ZIG_GLOBAL_CACHE_DIR", "ZIG_LOCAL_CACHE_DIR"):
            patch.setenv(variable, os.environ.get(variable, str(folder / "zig")))
        yield


def _load(name):
    from scann_sklearn import datasets

    try:
        return getattr(datasets, f"fetch_{name}")(download_if_missing=False)
    except OSError as error:
        no_data(f"{name}: {error}")


@pytest.fixture(scope="session")
def pendigits():
    """The pendigits data set as a Bunch; skips where its files are absent."""
    return _load("pendigits")


@pytest.fixture(scope="session")
def mnist():
    """The images of MNIST as a Bunch; skips where its files are absent."""
    return _load("mnist")


@pytest.fixture(scope="session")
def satimage():
    """The satimage data set as a Bunch; skips where its files are absent."""
    return _load("satimage")


@pytest.fixture(scope="session")
def dna():
    """The DNA data set as a Bunch; skips where its files are absent."""
    return _load("dna")
