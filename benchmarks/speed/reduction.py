"""Time and peak memory of the nine reductions on 58 509 x 48 data, each in a process of its own.

    python -m benchmarks.speed.reduction [--ratios 1 2] [--into FOLDER]

The data are synthetic, with 11 classes and correlated features with heavy tails and scales from
1e-6 to 1e1, similar to the Sensorless Drive data set. The results are written to
benchmarks/results/reduction.json.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
import warnings

from scann_sklearn.model_selection._grid import REDUCTIONS

SHAPE, SEED = (58_509, 48), 0
SLOW = {"isomap": None, "spectral_embedding": None, "factor_analysis": 120}  # seconds at most
TARGET_SECONDS, TARGET_GIGABYTES = 10, 6


def make_data():
    """Sensorless-like data: latent factors of 11 classes, mixed, with heavy tails."""
    import numpy as np

    rng = np.random.default_rng(SEED)
    n_samples, n_features = SHAPE
    center = rng.normal(size=(11, 20))
    factors = center[rng.integers(11, size=n_samples)] + 0.5 * rng.laplace(size=(n_samples, 20))
    mixed = factors @ rng.normal(size=(20, n_features)) / 4
    mixed += 0.1 * rng.normal(size=mixed.shape)
    return np.sinh(mixed) * np.logspace(-6, 1, n_features)


def reduce(method, ratio):
    """Fit and transform in this process; print seconds and peak bytes."""
    from scann_sklearn import DimReducer

    X = make_data()
    reducer = DimReducer(method, ratio=ratio, random_state=SEED)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        start = time.perf_counter()
        reducer.fit(X)
        fitted = time.perf_counter()
        reducer.transform(X)
        end = time.perf_counter()
    record = {
        "fit_seconds": round(fitted - start, 2),
        "transform_seconds": round(end - fitted, 2),
        "peak_gigabytes": round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6, 2),
        "n_iter": getattr(reducer.reducer_, "n_iter_", None),
        "n_landmarks": reducer.n_landmarks_,
        "warnings": sorted({warning.category.__name__ for warning in caught}),
    }
    print(json.dumps(record))


def measure(ratios):
    """Yield a record for every method and ratio."""
    for method in REDUCTIONS:
        for ratio in ratios:
            command = [sys.executable, "-m", "benchmarks.speed.reduction"]
            command += ["--method", method, "--ratios", str(ratio)]
            done = subprocess.run(command, capture_output=True, text=True, check=True)
            result = json.loads(done.stdout.splitlines()[-1])
            seconds = SLOW.get(method, TARGET_SECONDS)
            total = result["fit_seconds"] + result["transform_seconds"]
            met = result["peak_gigabytes"] < TARGET_GIGABYTES
            yield {
                "method": method,
                "ratio": ratio,
                "target_seconds": seconds,
                "target_gigabytes": TARGET_GIGABYTES,
                "met": met and (seconds is None or total < seconds),
                **result,
            }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--ratios", type=float, nargs="+", default=[1, 2], help="compression ratios"
    )
    parser.add_argument("--method", choices=REDUCTIONS, help=argparse.SUPPRESS)
    parser.add_argument("--into", metavar="FOLDER", help="folder for the result")
    args = parser.parse_args()
    if args.method:
        reduce(args.method, args.ratios[0])
        return
    from benchmarks import _results

    results = _results.Run("reduction", args.into, shape=SHAPE, seed=SEED)
    for record in measure(args.ratios):
        results.add(record)
        print(
            f"{record['method']}, ratio {record['ratio']:g}: fit {record['fit_seconds']} s, "
            f"transform {record['transform_seconds']} s, peak {record['peak_gigabytes']} GB"
            f"{'' if record['met'] else ', target MISSED'}",
            flush=True,
        )
    results.finish()


if __name__ == "__main__":
    main()
