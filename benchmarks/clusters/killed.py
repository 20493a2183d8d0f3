"""Searches in the middle of which a worker is killed: the result has to be that of one process.

    python -m benchmarks.clusters.killed [--searches 20] [--backends dask ray] [--into FOLDER]

Each search is carried out so often, each time a random worker is killed at a random moment of the
time that the search takes. The moments are seeded; which fit they meet depends on the machine.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import os
import random
import time
from contextlib import contextmanager, suppress
from threading import Event, Timer

from joblib import parallel_config

from benchmarks._results import Run
from benchmarks.clusters._local import LocalProcesses
from benchmarks.clusters._searches import equal, fitted, searches
from scann_sklearn.model_selection import register_dask

RAY_AGAIN = {"max_restarts": -1, "max_task_retries": -1}


@contextmanager
def dask():
    """Yield the context of joblib, and what kills a worker, and what brings one back."""
    register_dask()
    with LocalProcesses(2) as cluster:
        yield (
            lambda: parallel_config("dask"),
            lambda rng: cluster.kill(rng.randrange(2)) or True,
            cluster.complete,
        )


@contextmanager
def ray():
    """Likewise; Ray starts workers anew itself."""
    os.environ.setdefault("RAY_AUTH_MODE", "disabled")
    import psutil
    import ray
    from ray.util.joblib import register_ray

    def kill(rng):
        found = []
        for process in psutil.Process().children(recursive=True):
            with suppress(psutil.Error):
                if any("PoolActor" in word for word in process.cmdline()):
                    found.append(process)
        if found:
            rng.choice(found).kill()
        return bool(found)

    register_ray()
    ray.init(num_cpus=2, include_dashboard=False, logging_level="error", log_to_driver=False)
    try:
        yield (
            lambda: parallel_config("ray", n_jobs=2, ray_remote_args=RAY_AGAIN), kill, lambda: None
        )  # fmt: skip
    finally:
        ray.shutdown()


def campaign(backend, name, search, n_times):
    """Record of one search on one backend."""
    alone = fitted(search, parallel_config("sequential"))
    n_equal, n_killed, seconds = 0, 0, []
    with backend() as (context, kill, complete):
        fitted(search, context())  # so that workers have loaded what they need
        begun = time.perf_counter()
        n_equal_without = equal(alone, fitted(search, context()))
        undisturbed = time.perf_counter() - begun
        for number in range(n_times):
            complete()
            rng, is_over, hits = random.Random(number), Event(), []

            def strike(number=number, rng=rng, is_over=is_over, hits=hits):
                if not is_over.is_set() and kill(rng):
                    hits.append(number)

            timer = Timer(rng.uniform(0, 0.8 * undisturbed), strike)
            timer.start()
            begun = time.perf_counter()
            n_equal += equal(alone, fitted(search, context()))
            is_over.set()
            seconds.append(time.perf_counter() - begun)
            timer.join()
            n_killed += len(hits)
    return {
        "backend": backend.__name__,
        "search": name,
        "searches": n_times,
        "killed": n_killed,
        "equal": n_equal,
        "equal_without": n_equal_without,
        "seconds_without": undisturbed,
        "seconds_with": sum(seconds) / max(n_times, 1),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--searches", type=int, default=20, help="of each kind on each backend")
    parser.add_argument("--backends", nargs="+", default=["dask", "ray"])
    parser.add_argument("--names", nargs="+", default=list(searches()))
    parser.add_argument("--into", help="folder of the result")
    args = parser.parse_args()
    run = Run("clusters_killed", args.into)
    for backend in args.backends:
        for name in args.names:
            record = campaign(
                {"dask": dask, "ray": ray}[backend], name, searches()[name], args.searches
            )
            run.add(record)
            print(record, flush=True)
    run.finish()


if __name__ == "__main__":
    main()
