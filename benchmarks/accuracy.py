"""Accuracy of small networks with the defaults, on official test sets.

    python -m benchmarks.accuracy [--seeds 5] [--into FOLDER]

Networks are fitted on the official training data (the estimator splits off validation data) and
tested once per seed. Only `n_connections` and `random_state` are set.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import sys

import numpy as np

from benchmarks import _data, _options, _results
from scann_sklearn import SCANNClassifier

# data set, bound, accuracy to reach
CELLS = [
    ("pendigits", 600, 0.973),
    ("pendigits", 300, 0.963),
    ("satimage", 300, 0.875),
    ("satimage", 100, 0.855),
    ("dna", 40, 0.950),
]


def measure(n_seeds):
    """Yield a record for each data set and bound."""
    for name, bound, target in CELLS:
        data = _data.load(name)
        fits = [
            SCANNClassifier(n_connections=bound, random_state=seed).fit(
                data.X_official, data.y_official
            )
            for seed in range(n_seeds)
        ]
        accuracy = [fit.score(data.X_test, data.y_test) for fit in fits]
        yield {
            "data": name,
            "n_connections": bound,
            "target": target,
            "median": round(float(np.median(accuracy)), 4),
            "lowest": round(min(accuracy), 4),
            "highest": round(max(accuracy), 4),
            "met": bool(np.median(accuracy) >= target),
            "accuracy": [round(a, 4) for a in accuracy],
            "connections": [fit.n_connections_ for fit in fits],
            "inputs": [int(fit.get_support().sum()) for fit in fits],
        }


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    _options.add_into(parser, "the result")
    args = parser.parse_args()
    names = {name for name, *_ in CELLS}
    if len(_data.ready(names)) < len(names):
        sys.exit(1)  # the file holds one table of all
    seeds = list(range(args.seeds))
    results = _results.Run("accuracy", args.into, seeds=seeds, scheme=SCANNClassifier().scheme)
    for record in measure(args.seeds):
        results.add(record)
        print(
            f"{record['data']:10} {record['n_connections']:4} {record['median']:.2%} "
            f"({record['lowest']:.2%}-{record['highest']:.2%}), goal {record['target']:.1%} "
            f"{'met' if record['met'] else 'MISSED'}",
            flush=True,
        )
    results.finish()


if __name__ == "__main__":
    main()
