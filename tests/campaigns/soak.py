"""Many fits in one process, and its memory: ``make soak``.

Small fits of all schemes, engines and heads take turns; each fits, predicts and is dropped. The
memory that the process owns (RssAnon) is sampled a few hundred times, with the bytes that
``malloc`` has handed out and the blocks of Python. What counts is the slope behind the first tenth,
in which kernels are loaded and arenas filled. NumPy's cache of small arrays is filled ahead.

The bytes of ``malloc`` are exact with ``GLIBC_TUNABLES`` as in the Makefile, and else left out.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import argparse
import os
import sys
import time
import warnings
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.stats import theilslopes

from benchmarks._results import Run
from tests.campaigns._memory import fill_cache, held
from tests.resume._fits import FITS, make

RESULTS = Path(__file__).parent / "results"
# Fits without folds and teachers: those are the same fits several times, and scikit-learn's.
NAMES = [name for name in FITS if "folds" not in name and "teacher" not in name]
_FEWER = {"scheme__initial_epochs": 2, "scheme__epochs": 1, "scheme__growth_epochs": 1}
_SLOPE = 1000  # bytes for each fit that count as flat: a tenth of what a fit allocates
_SAMPLES = 200
_SETTINGS = ("GLIBC_TUNABLES",)


def one(name, seed):
    """Fit and predict, and leave nothing."""
    fewer = {} if name == "user" else _FEWER
    estimator, X, y = make(name, random_state=seed, **fewer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(X, y).predict(X)


def soak(count, say=print):
    """Sampled memory: numbers of fits, and what is held after them."""
    every, told = max(1, count // _SAMPLES), time.monotonic()
    fill_cache()
    for number in range(count):
        one(NAMES[number % len(NAMES)], number)
        if (number + 1) % every == 0:
            sample = {"fits": number + 1, **held()}
            if time.monotonic() > told + 10:
                told = time.monotonic()
                say(f"{number + 1} of {count} fits, {sample['bytes'] / 1e6:.1f} MB", flush=True)
            yield sample


def slope_of(records, name):
    """Median slope behind the first tenth, and its interval of 95 %: for each fit."""
    behind = records[max(1, len(records) // 10) :]
    if behind[0][name] is None:
        return None
    found = theilslopes([r[name] for r in behind], [r["fits"] for r in behind])
    slopes = (found.slope, found.low_slope, found.high_slope)
    return [round(float(slope), 3) for slope in slopes]


def main():
    """Fit so often, print the memory, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="number of fits")
    parser.add_argument("--into", type=Path, default=RESULTS, help="folder of the result")
    given = parser.parse_args()
    ahead = [f"{name}={os.environ[name]}" for name in _SETTINGS if name in os.environ]
    command = " ".join([*ahead, f"python -m tests.campaigns.soak --count {given.count}"])
    run = Run("soak", given.into, command=command, fits=NAMES)
    with suppress(KeyboardInterrupt):  # what was reached counts
        for sample in soak(given.count):
            run.add(sample)
    slopes = conclude(run)
    return slopes["bytes"][0] > _SLOPE


def conclude(run):
    """Write the result of the samples of a run; the slopes."""
    slopes = {name: slope_of(run.records, name) for name in ("bytes", "malloc", "blocks")}
    behind = [r["bytes"] for r in run.records[len(run.records) // 10 :]]
    run.content |= {
        "count": run.records[-1]["fits"],
        "slopes": slopes,
        "first_behind_warm_up": behind[0], "last": behind[-1], "largest": max(behind),
        "largest_step": int(max(np.abs(b - a) for a, b in pairwise(behind))),
    }  # fmt: skip
    run.finish()
    print(f"for each fit (low, high): {slopes}; at most {max(behind) / 1e6} MB")
    return slopes


if __name__ == "__main__":
    sys.exit(main())
