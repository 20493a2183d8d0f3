"""Images: sparse convolutional networks on digits, in Python and in C.

    python -m benchmarks.images [--seeds 5] [--into FOLDER]

The data are the handwritten digits of scikit-learn (8 x 8 pixels, a quarter for testing, a
different split per seed) with 400 and 200 connections, with and without convolutions, and MNIST
(10 000 training images, all test images, two seeds) with 3000 and 1000 connections. Networks are
exported to C with integers of 8 bits; `to_c` reports what the code needs and computes. Test images
are only used for the reported results.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from benchmarks import _data, _options, _results
from scann_sklearn import AffineDistortion, Conv2d, ConvFrontEnd, MaxPool2d, SCANNClassifier
from scann_sklearn.export import to_c

NAME, GOAL = "images", 0.985  # of 400 connections on the digits
DIGITS, MNIST = "digits 8 × 8", "MNIST, 10 000 training images"
LAYERS = [Conv2d(8, 3, padding=1), MaxPool2d(2)]
LENET = [Conv2d(8, 5), MaxPool2d(2), Conv2d(16, 5), MaxPool2d(2)]
DISTORTION = AffineDistortion(rotation=10, scale=0.1, shear=0.1, shift=0.5)
N_MNIST, SEEDS_MNIST = 10_000, 2


def digits(seed):
    """Training and test part of scikit-learn's digits."""
    X, y = load_digits(return_X_y=True)
    return train_test_split(X.astype(np.float32), y, test_size=0.25, stratify=y, random_state=seed)


def mnist(seed):
    """Some training images of MNIST, all test images."""
    parts = _data.load("mnist")
    X, _, y, _ = train_test_split(
        parts.X_train, parts.y_train, train_size=N_MNIST, stratify=parts.y_train, random_state=seed
    )
    return X, parts.X_test, y, parts.y_test


def front_end(kind, layers, shape):
    """What is ahead of the neurons in a row of the table."""
    if kind == "none":
        return None
    return ConvFrontEnd(layers, shape, augment=DISTORTION if kind == "distorted" else None)


def result(fitted, X_train, X_test, y_test):
    """What is reported of a network."""
    with tempfile.TemporaryDirectory() as folder:
        report = to_c(fitted, Path(folder, "net.h"), dtype="int8", calibration=X_train)
        in_c = float(np.mean(report.predict(X_test) == y_test))
    convolutions = fitted.front_end_
    return {
        "accuracy": round(float(fitted.score(X_test, y_test)), 5),
        "int8": round(in_c, 5),
        "connections": fitted.n_connections_,
        "in_convolutions": 0 if convolutions is None else convolutions.n_connections,
        "flash": report.flash_bytes,
        "ram": report.ram_bytes,
        "macs": int(report.operations.macs),
        "instructions": report.instructions,
    }


def cells():
    """Data, their loader, what is ahead, bound, parameters, seeds."""
    few = {"hidden_layer_sizes": (30,), "label_smoothing": 0.1, "validation_fraction": 0.2}
    for kind in ("distorted", "convolutions", "none"):
        layers = few | {"hidden_layer_sizes": (100,)} if kind == "none" else few
        for bound in (400, 200):
            yield DIGITS, digits, kind, (LAYERS, (1, 8, 8)), bound, layers, None
    large = {"hidden_layer_sizes": (50,), "validation_fraction": 0.1}
    for kind in ("convolutions", "none"):
        layers = large | {"hidden_layer_sizes": (100,)} if kind == "none" else large
        for bound in (3000, 1000):
            yield MNIST, mnist, kind, (LENET, (1, 28, 28)), bound, layers, SEEDS_MNIST


def measure(n_seeds, has_mnist):
    """Yield a record for each row of the table."""
    for data, load, kind, front, bound, parameters, most in cells():
        if data == MNIST and not has_mnist:
            continue
        runs = []
        for seed in range(min(n_seeds, most or n_seeds)):
            X_train, X_test, y_train, y_test = load(seed)
            clf = SCANNClassifier(
                front_end=front_end(kind, *front),
                n_connections=bound,
                random_state=seed,
                **parameters,
            ).fit(X_train, y_train)
            runs.append(result(clf, X_train, X_test, y_test))
        yield {
            "data": data,
            "front": kind,
            "bound": bound,
            **{f"median_{k}": float(np.median([r[k] for r in runs])) for k in ("accuracy", "int8")},
            "lowest": min(r["accuracy"] for r in runs),
            "highest": max(r["accuracy"] for r in runs),
            "runs": runs,
        }


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, default=5, help="number of seeds")
    _options.add_into(parser, "the result")
    args = parser.parse_args()
    has_mnist = bool(_data.ready(["mnist"]))
    results = _results.Run(NAME, args.into, seeds=list(range(args.seeds)))
    for record in measure(args.seeds, has_mnist):
        results.add(record)
        largest = max(run["flash"] for run in record["runs"])
        print(
            f"{record['data']}, {record['front']}, {record['bound']} connections: "
            f"{record['median_accuracy']:.2%} ({record['lowest']:.2%}-{record['highest']:.2%}), "
            f"int8 {record['median_int8']:.2%} in at most {largest} B",
            flush=True,
        )
    results.finish()


if __name__ == "__main__":
    main()
