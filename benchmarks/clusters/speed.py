"""How much faster a search is with two workers: processes, threads, and a cluster of Dask.

    python -m benchmarks.clusters.speed [--candidates 40] [--repeats 3] [--into FOLDER]

The arrangements take turns, and each is compared with one process in the same turn. On a machine
with other work the ratios say little.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import os
import time
from contextlib import ExitStack
from statistics import median

from joblib import parallel_config
from threadpoolctl import threadpool_limits

from benchmarks._results import Run
from benchmarks.clusters._local import LocalProcesses
from benchmarks.clusters._searches import equal, fitted, grid
from scann_sklearn.model_selection import register_dask

ARRANGEMENTS = {
    "2 threads": lambda: parallel_config("threading", n_jobs=2),
    "2 processes": lambda: parallel_config("loky", n_jobs=2),
    "2 workers of Dask": lambda: parallel_config("dask"),
}
TARGET = 1.7


def seconds_of(search, context):
    """Time of a search, and the search."""
    begun = time.perf_counter()
    done = fitted(search, context)
    return time.perf_counter() - begun, done


def measure(n_candidates, n_repeats):
    """One record for each arrangement."""
    register_dask()
    search = grid(n_candidates).set_params(refit=False)
    times: dict[str, list[tuple[float, float]]] = {name: [] for name in ARRANGEMENTS}
    with ExitStack() as stack:
        stack.enter_context(threadpool_limits(1))
        stack.enter_context(LocalProcesses(2))
        for make in ARRANGEMENTS.values():  # workers load what they need
            fitted(grid(2).set_params(refit=False), make())
        for _ in range(n_repeats):
            alone, first = seconds_of(search, parallel_config("sequential"))
            for name, make in ARRANGEMENTS.items():
                together, second = seconds_of(search, make())
                if not equal(first, second):
                    raise RuntimeError(f"{name}: not the results of one process")
                times[name].append((alone, together))
    return [
        {
            "arrangement": name,
            "seconds": median(together for _, together in pairs),
            "times_faster": median(alone / together for alone, together in pairs),
            "lowest": min(alone / together for alone, together in pairs),
            "highest": max(alone / together for alone, together in pairs),
            "target": TARGET,
            "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        }
        for name, pairs in times.items()
    ]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--candidates", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--into", help="folder of the result")
    args = parser.parse_args()
    run = Run("clusters_speed", args.into, candidates=args.candidates, repeats=args.repeats)
    run.add(*measure(args.candidates, args.repeats))
    for record in run.records:
        print(record)
    run.finish()


if __name__ == "__main__":
    main()
