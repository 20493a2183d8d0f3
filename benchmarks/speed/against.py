"""Compare the speed of two checkouts, row by row in alternating pairs.

python -m benchmarks.speed.against OTHER [--pairs 20] [--rows epoch predict]

OTHER is the root of another checkout, such as a clone of an earlier commit. Each checkout runs in
a process of its own, and the two take turns; the kernels of both are compiled first. A ratio above
1 means that this checkout is faster. A change is not a loss if the interval reaches 0.97.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
from scipy.stats import binom

ROOT = Path(__file__).resolve().parents[2]
FIRST = """
from sklearn.datasets import load_iris
from scann_sklearn import SCANNClassifier
SCANNClassifier(hidden_layer_sizes=(20,), n_connections=40, random_state=0).fit(
    *load_iris(return_X_y=True)
)
"""
IN_NEW_PROCESSES = {
    "import of SCANNClassifier": "from scann_sklearn import SCANNClassifier",
    "first fit of a process, import included": FIRST,
    "peak memory of the six-layer network": "from benchmarks.speed import memory; memory.fit()",
}


def rows():
    """What is timed, each by a function that returns seconds; the names are the same everywhere."""
    from benchmarks.speed import training
    from benchmarks.speed._timing import seconds
    from scann_sklearn import SCANNClassifier

    X, y = training._pendigits()
    fitted = SCANNClassifier(
        training.FixedTopology(500, epochs=2), hidden_layer_sizes=(100,), n_connections=1.0,
        random_state=0,
    ).fit(X, y)  # fmt: skip
    many = np.resize(X, (10_000, X.shape[1]))
    found = {f"epoch, {n} connections": (training.epoch_of_fit, X, y, n) for n in (500, 2000, 5000)}
    found["batch of the torch engine"] = (training.torch_engine_batch, X, y, 0.3, False)
    found["phase of a full perceptron"] = (training.dense_phase, True)
    found["whole fit"] = (training.whole_fit, X, y, True)
    for samples, calls in ((many, 10), (X[:1], 2000)):
        found[f"predict_proba, {len(samples)} rows"] = (
            lambda r=samples, n=calls: seconds(lambda: [fitted.predict_proba(r) for _ in range(n)]),
        )
    return found


def serve():
    """Answer names of rows by seconds, until the input ends."""
    known = rows()
    print(json.dumps(list(known)), flush=True)
    for line in sys.stdin:
        function, *arguments = known[line.strip()]
        print(json.dumps(function(*arguments)), flush=True)


class Checkout:
    """A process that measures one checkout."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.environment = os.environ | {"PYTHONPATH": str(root)}
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), "--serve"],
            cwd=root, env=self.environment, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        self.names = json.loads(self._answer())

    def _answer(self):
        line = self.process.stdout.readline() if self.process.stdout else ""
        if not line:
            raise RuntimeError(f"The measurement of {self.root} ended with an error.")
        return line

    def seconds(self, name: str) -> float:
        """Time a row, in the process or in a new one; of memory, gigabytes."""
        if name in self.names and self.process.stdin:
            print(name, file=self.process.stdin, flush=True)
            return json.loads(self._answer())
        start = time.perf_counter()
        done = subprocess.run(
            [sys.executable, "-c", IN_NEW_PROCESSES[name]],
            cwd=self.root, env=self.environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
        taken = time.perf_counter() - start
        return json.loads(done.stdout)["peak_bytes"] / 1e9 if "memory" in name else taken


def interval(ratios: np.ndarray) -> tuple[float, float]:
    """95 % interval of a median, from the order of the ratios."""
    low = int(binom.ppf(0.025, len(ratios), 0.5))
    ordered = np.sort(ratios)
    return float(ordered[low]), float(ordered[len(ratios) - 1 - low])


def main() -> None:
    """Measure and print a line a row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("other", type=Path, nargs="?", help="root of the other checkout")
    parser.add_argument("--pairs", type=int, default=20, help="number of pairs per row")
    parser.add_argument(
        "--rows", nargs="*", default=[""], help="run only rows whose names contain one of these"
    )
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.serve:
        serve()
        return
    if args.other is None or not (args.other / "scann_sklearn").is_dir():
        parser.error(f"{args.other} is no checkout: it has no folder scann_sklearn.")
    ours, other = Checkout(ROOT), Checkout(args.other.resolve())
    for name in [*ours.names, *IN_NEW_PROCESSES]:
        if not any(part in name for part in args.rows):
            continue
        pairs = 3 if "memory" in name else args.pairs
        ours.seconds(name), other.seconds(name)
        both = np.array([(ours.seconds(name), other.seconds(name)) for _ in range(pairs)])
        ratios = both[:, 1] / both[:, 0]
        low, high = interval(ratios)
        unit = "GB" if "memory" in name else "s"
        print(
            f"{name}: {np.median(ratios):.3f}x (95 %: {low:.3f} to {high:.3f}; {pairs} pairs), "
            f"here {np.median(both[:, 0]):.4g} {unit}, there {np.median(both[:, 1]):.4g} {unit}",
            flush=True,
        )


if __name__ == "__main__":
    main()
