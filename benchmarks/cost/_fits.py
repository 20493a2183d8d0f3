"""One measured fit, in a process of its own: its time, and the memory at its peak."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

_ROWS = 100_000  # made at a time
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
    model : {"fixed", "default", "trees"}
        A schedule that has few epochs; `SCANNClassifier` or `HistGradientBoostingClassifier` as
        they are, for which the last two numbers mean nothing.
    """

    n_samples: int = 20_000
    n_features: int = 20
    n_classes: int = 4
    hidden: int = 100
    connections: int = 500
    model: str = "fixed"


def measured(case):
    """Record of a fit.

    Parameters
    ----------
    case : Case
        What to fit.

    Returns
    -------
    record : dict
        seconds, cpu_seconds (of all threads), epochs, n_connections, accuracy (on the first
        rows of the training data) and peak_bytes: memory at the peak without the pages of mapped
        files, or all memory where the system doesn't tell them apart; and before_bytes, the same
        before the fit.
    """
    words = [sys.executable, "-m", "benchmarks.cost._fits", json.dumps(asdict(case))]
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def table(case, folder):
    """Samples of Gaussian features, and classes that are no linear function of them; mapped."""
    from scann_sklearn.datasets import to_memmap

    rng = np.random.default_rng(0)
    n_told = min(case.n_features, 10)  # so many features tell the class
    directions = rng.normal(size=(n_told, case.n_classes))
    labels = np.empty(case.n_samples, np.int64)

    def blocks():
        for start in range(0, case.n_samples, _ROWS):
            rows = slice(start, min(start + _ROWS, case.n_samples))
            X = rng.standard_normal((rows.stop - start, case.n_features), dtype=np.float32)
            labels[rows] = np.argmax(np.sin(X[:, :n_told]) @ directions, axis=1)
            yield X

    return to_memmap(blocks(), Path(folder, "X.npy")), labels


def model_of(case):
    """Estimator of a case."""
    if case.model == "trees":
        from sklearn.ensemble import HistGradientBoostingClassifier

        return HistGradientBoostingClassifier(random_state=0)
    from scann_sklearn import SCANNClassifier, SchemeB

    if case.model == "default":
        return SCANNClassifier(random_state=0)
    scheme = SchemeB(initial_epochs=2, epochs=1, growth_epochs=1, iterations=2, pruning_ratio=0.5)
    return SCANNClassifier(
        scheme,
        hidden_layer_sizes=(case.hidden,),
        n_connections=case.connections,
        engine="compiled",
        random_state=0,
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


def fit(case):
    """Fit in this process; the record."""
    model = model_of(case)
    with TemporaryDirectory() as folder:
        X, y = table(case, folder)
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
            "epochs": len(getattr(model, "history_", [])),
            "n_connections": getattr(model, "n_connections_", None),
            "accuracy": round(float(model.score(X[:_ROWS], y[:_ROWS])), 4),
            "before_bytes": before,
            "peak_bytes": seen[0],
        }
        del X
    return record


if __name__ == "__main__":
    import warnings

    warnings.simplefilter("ignore")  # about bounds that are tight
    print(json.dumps(fit(Case(**json.loads(sys.argv[1])))))
