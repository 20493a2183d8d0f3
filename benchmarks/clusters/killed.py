"""Searches in the middle of which a worker is killed: the result has to be that of one process.

    python -m benchmarks.clusters.killed [--searches 20] [--backends dask ray] [--into FOLDER]

Each search is carried out so often, each time a random worker is killed at a random moment of the
time that the search takes. The moments are seeded; which fit they meet depends on the machine. A
file for each backend and search; an interrupted campaign goes on where it was.
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


BACKENDS = {"dask": dask, "ray": ray}


def campaign(backend, name, search, numbers):
    """Yield a record of each search on one backend."""
    alone = fitted(search, parallel_config("sequential"))
    with backend() as (context, kill, complete):
        fitted(search, context())  # so that workers have loaded what they need
        begun = time.perf_counter()
        equal_without = equal(alone, fitted(search, context()))
        undisturbed = time.perf_counter() - begun
        for number in numbers:
            complete()
            rng, is_over, hits = random.Random(number), Event(), []

            def strike(number=number, rng=rng, is_over=is_over, hits=hits):
                while not (is_over.is_set() or hits):
                    if kill(rng):
                        hits.append(number)
                    else:  # workers are being started
                        is_over.wait(0.05)

            timer = Timer(rng.uniform(0, 0.8 * undisturbed), strike)
            timer.start()
            begun = time.perf_counter()
            found = fitted(search, context())
            is_over.set()
            seconds = time.perf_counter() - begun
            timer.join()
            yield {
                "backend": backend.__name__, "search": name, "number": number,
                "searches": 1, "killed": len(hits), "equal": int(equal(alone, found)),
                "equal_without": equal_without, "seconds_without": undisturbed,
                "seconds_with": seconds,
            }  # fmt: skip


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--searches", type=int, default=20, help="of each kind on each backend")
    parser.add_argument("--backends", nargs="+", choices=BACKENDS, default=list(BACKENDS))
    parser.add_argument("--names", nargs="+", choices=searches(), default=list(searches()))
    parser.add_argument("--into", help="folder of the result")
    args = parser.parse_args()
    for backend in args.backends:
        for name in args.names:
            run = Run(f"clusters_killed_{backend}_{name}", args.into)
            numbers = range(run.go_on(), args.searches)
            for record in campaign(BACKENDS[backend], name, searches()[name], numbers):
                run.add(record)
                print(record, flush=True)
            run.finish()


if __name__ == "__main__":
    main()
