"""Many fits in one process, and its memory: ``python -m tests.campaigns.soak --count 10000``.

Small fits of all schemes, engines and heads take turns; each fits, predicts and is dropped. The
memory that the process owns (RssAnon) is sampled a few hundred times. What counts is its slope
behind the first tenth, in which kernels are loaded and arenas filled.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import argparse
import gc
import sys
import time
import warnings
from itertools import pairwise
from pathlib import Path

import numpy as np
from scipy.stats import theilslopes

from benchmarks._results import Run
from tests.resume._fits import FITS, make

RESULTS = Path(__file__).parent / "results"
# Fits without folds and teachers: those are the same fits several times, and scikit-learn's.
NAMES = [name for name in FITS if "folds" not in name and "teacher" not in name]
_FEWER = {"scheme__initial_epochs": 2, "scheme__epochs": 1, "scheme__growth_epochs": 1}
_SLOPE = 1000  # bytes for each fit that count as flat: a tenth of what a fit allocates
_SAMPLES = 200


def owned_bytes():
    """Memory of this process that is in no file; Linux only."""
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("RssAnon"):
            return 1024 * int(line.split()[1])
    raise OSError("/proc/self/status doesn't tell RssAnon.")


def one(name, seed):
    """Fit and predict, and leave nothing."""
    fewer = {} if name == "user" else _FEWER
    estimator, X, y = make(name, random_state=seed, **fewer)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        estimator.fit(X, y).predict(X)


def soak(count, say=print):
    """Sampled memory: pairs of a number of fits and bytes."""
    samples, every, told = [], max(1, count // _SAMPLES), time.monotonic()
    for number in range(count):
        one(NAMES[number % len(NAMES)], number)
        if (number + 1) % every == 0:
            gc.collect()
            samples.append((number + 1, owned_bytes()))
            if time.monotonic() > told + 10:
                told = time.monotonic()
                say(f"{number + 1} of {count} fits, {samples[-1][1] / 1e6:.1f} MB", flush=True)
            yield samples[-1]


def slope_of(samples):
    """Median slope behind the first tenth, and its interval of 95 %: bytes for each fit."""
    behind = samples[max(1, len(samples) // 10) :]
    numbers, sizes = zip(*behind)
    found = theilslopes(sizes, numbers)
    return float(found.slope), (float(found.low_slope), float(found.high_slope))


def main():
    """Fit so often, print the memory, and write the result."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="number of fits")
    parser.add_argument("--into", type=Path, default=RESULTS, help="folder of the result")
    given = parser.parse_args()
    command = f"python -m tests.campaigns.soak --count {given.count}"
    run = Run("soak", given.into, command=command, count=given.count, fits=NAMES)
    begun = time.monotonic()
    for number, size in soak(given.count):
        run.add({"fits": number, "bytes": size})
    samples = [(r["fits"], r["bytes"]) for r in run.records]
    slope, (low, high) = slope_of(samples)
    behind = [size for _, size in samples[len(samples) // 10 :]]
    run.content |= {
        "seconds": round(time.monotonic() - begun, 1),
        "bytes_for_each_fit": round(slope, 1), "interval": [round(low, 1), round(high, 1)],
        "first_behind_warm_up": behind[0], "last": behind[-1], "largest": max(behind),
        "largest_step": int(max(np.abs(b - a) for a, b in pairwise(behind))),
    }  # fmt: skip
    run.finish()
    print(
        f"{slope:.0f} bytes for each fit ({low:.0f} to {high:.0f}), at most {max(behind) / 1e6} MB"
    )
    return slope > _SLOPE


if __name__ == "__main__":
    sys.exit(main())
