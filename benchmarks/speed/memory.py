"""Peak memory of a fit of the six-layer network of Ciresan et al., in a process of its own."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import json
import resource
import subprocess
import sys

LAYERS = (784, 2500, 2000, 1500, 1000, 500, 10)


def fit():
    """Fit in this process; print the connections and the peak memory in bytes."""
    import numpy as np

    from scann_sklearn import SCANNClassifier, SchemeC

    rng = np.random.default_rng(0)
    X = rng.random((1000, LAYERS[0]), dtype=np.float32)
    y = np.arange(1000) % LAYERS[-1]
    scheme = SchemeC(initial_epochs=1, epochs=1, iterations=1, pruning_ratio=0.9)
    clf = SCANNClassifier(
        scheme, hidden_layer_sizes=LAYERS[1:-1], n_connections=100_000, random_state=0
    ).fit(X, y)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps({"n_connections": clf.n_connections_, "peak_bytes": peak, "X": X.nbytes}))


def measure():
    """Gigabytes at the peak, from 12.0M connections down to 100 000."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.speed.memory"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    result = json.loads(done.stdout.splitlines()[-1])
    return {"peak_gigabytes": round(result["peak_bytes"] / 1e9, 2), **result}


if __name__ == "__main__":
    fit()
