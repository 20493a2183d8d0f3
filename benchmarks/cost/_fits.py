"""One measured fit, in a process of its own: its time, and the memory at its peak."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from benchmarks.cost._flights import ANSWERS, flights

_ROWS = 100_000  # made at a time
_TEST_VALUES = 2_000_000
BOUNDS = (100, 200, 400, 800, 10_000)  # connections of networks that are tested
_STATUS = Path("/proc/self/status")


@dataclass(frozen=True)
class Case:
    """A fit: its data and its network.

    Parameters
    ----------
    n_samples, n_features, n_classes : int
        Size of the data.
    hidden : int
        Hidden neurons, in one layer.
    connections : int
        The bound.
    scheme : {"B", "C"}
        What starts with all connections between all neurons, or with those of a perceptron.
    model : {"fixed", "default", "trees"}
        A schedule that has few epochs; `SCANNClassifier` or `HistGradientBoostingClassifier` as
        they are, for which the three before mean nothing.
    max_epoch_samples : int
        Of `SCANNClassifier`.
    data : {"drawn", "late", "carrier"}
        What the table is; that of the flights has a size of its own, which the first three numbers
        have to tell.
    """

    n_samples: int = 20_000
    n_features: int = 20
    n_classes: int = 4
    hidden: int = 100
    connections: int = 500
    scheme: str = "B"
    model: str = "fixed"
    max_epoch_samples: int = 300_000
    data: str = "drawn"


def measured(case, seed=0):
    """Record of a fit.

    Parameters
    ----------
    case : Case
        What to fit.
    seed : int, default=0
        The `random_state` of the fit; the data are always the same.

    Returns
    -------
    record : dict
        seconds, cpu_seconds (of all threads), cores (on which this process may compute), epochs,
        n_connections, accuracy (on the first rows of the training data), test_accuracy (on other
        rows), path (pairs of a bound on the connections and the test accuracy of the network within
        it) and peak_bytes: memory at the peak without the pages of mapped files, or all memory
        where the system doesn't tell them apart; and before_bytes, the same before the fit.
    """
    words = [sys.executable, "-m", "benchmarks.cost._fits", json.dumps(asdict(case)), str(seed)]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def table(case, folder):
    """Samples of Gaussian features, and classes that are no linear function of them; mapped.

    With them come other rows for a test, which are never mapped.
    """
    if case.data in ANSWERS:
        return flights(case.data)
    from scann_sklearn.datasets import to_memmap

    rng = np.random.default_rng(0)
    n_told = min(case.n_features, 10)  # so many features tell the class
    directions = rng.normal(size=(n_told, case.n_classes))
    labels = np.empty(case.n_samples, np.int64)

    def drawn(n_rows):
        X = rng.standard_normal((n_rows, case.n_features), dtype=np.float32)
        return X, np.argmax(np.sin(X[:, :n_told]) @ directions, axis=1)

    def blocks():
        for start in range(0, case.n_samples, _ROWS):
            rows = slice(start, min(start + _ROWS, case.n_samples))
            X, labels[rows] = drawn(rows.stop - start)
            yield X

    X = to_memmap(blocks(), Path(folder, "X.npy"))
    return X, labels, *drawn(min(_ROWS, _TEST_VALUES // case.n_features))


def model_of(case, seed=0):
    """Estimator of a case."""
    if case.model == "trees":
        from sklearn.ensemble import HistGradientBoostingClassifier

        return HistGradientBoostingClassifier(random_state=seed)
    from scann_sklearn import SCANNClassifier, SchemeB, SchemeC

    if case.model == "default":
        return SCANNClassifier(max_epoch_samples=case.max_epoch_samples, random_state=seed)
    kind = {"B": SchemeB, "C": SchemeC}[case.scheme]
    return SCANNClassifier(
        kind(initial_epochs=2, epochs=1, growth_epochs=1, iterations=2, pruning_ratio=0.5),
        hidden_layer_sizes=(case.hidden,),
        n_connections=case.connections,
        engine="compiled",
        max_epoch_samples=case.max_epoch_samples,
        random_state=seed,
    )


def memory():
    """Bytes that this process has to itself; without the status of Linux its largest size."""
    if _STATUS.exists():
        lines = _STATUS.read_text().splitlines()
        (line,) = (line for line in lines if line.startswith("RssAnon:"))
        return int(line.split()[1]) * 1024
    import resource

    size = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return size if sys.platform == "darwin" else size * 1024


@contextmanager
def watched():
    """Look at the memory every few milliseconds; yields a list of what was seen."""
    seen, over = [memory()], threading.Event()

    def look():
        while not over.wait(0.01):
            seen[:] = [max(seen[0], memory())]

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        over.set()
        thread.join()
        seen[:] = [max(seen[0], memory())]


def cores():
    """Number of cores on which this process may compute."""
    there = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return min(there, int(os.environ.get("OMP_NUM_THREADS", there)))


def fit(case, seed=0):
    """Fit in this process; the record."""
    model = model_of(case, seed)
    with TemporaryDirectory() as folder:
        X, y, X_test, y_test = table(case, folder)
        few = np.concatenate([np.flatnonzero(y == label)[:20] for label in np.unique(y)])
        model.fit(X[few], y[few])  # loads the kernels
        before = memory()
        with watched() as seen:
            begun, cpu = time.perf_counter(), time.process_time()
            model.fit(X, y)
            seconds, cpu = time.perf_counter() - begun, time.process_time() - cpu
        record = {
            "seconds": round(seconds, 4),
            "cpu_seconds": round(cpu, 4),
            "cores": cores(),
            "epochs": len(getattr(model, "history_", [])),
            "n_connections": getattr(model, "n_connections_", None),
            "accuracy": round(float(model.score(X[:_ROWS], y[:_ROWS])), 4),
            "test_accuracy": round(float(model.score(X_test, y_test)), 4),
            "path": _path(model, X_test, y_test),
            "before_bytes": before,
            "peak_bytes": seen[0],
        }
        del X
    return record


def _path(model, X, y):
    """Pairs of a bound and the test accuracy of the network within it."""
    bounds = [b for b in BOUNDS if hasattr(model, "path_") and model.path_[0].n_connections <= b]
    return [[b, round(float(model.select(n_connections=b).score(X, y)), 4)] for b in bounds]


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")  # about bounds that are tight
    print(json.dumps(fit(Case(**json.loads(sys.argv[1])), int(sys.argv[2]))))
