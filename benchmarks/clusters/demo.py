"""A search on a cluster of Dask that is started here: two worker processes, and their progress.

make cluster-demo
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time

from joblib import parallel_config

from benchmarks.clusters._local import LocalProcesses
from benchmarks.clusters._searches import fitted, searches
from scann_sklearn.callbacks import SynthesisProgress
from scann_sklearn.model_selection import register_dask


def main():
    register_dask()
    search = searches()["CompressionSearchCV"].set_params(verbose=1)
    search.set_callbacks(SynthesisProgress())
    print("Starting a scheduler and two workers.", flush=True)
    with LocalProcesses(2) as cluster:
        addresses = ", ".join(cluster.client.scheduler_info()["workers"])
        print(f"Workers: {addresses}", flush=True)
        begun = time.perf_counter()
        search = fitted(search, parallel_config("dask"))
        seconds = time.perf_counter() - begun
    print(f"{len(search.cv_results_['params'])} candidates in {seconds:.1f} s.")
    print(f"Best: {search.best_params_}, accuracy {search.best_score_:.1%}.")


if __name__ == "__main__":
    main()
