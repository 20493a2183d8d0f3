"""MNIST: scheme C from the network 784-300-100-10."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import time

from benchmarks import _data
from benchmarks._perceptrons import fit_perceptron
from benchmarks.reproduce._baseline import accuracy_floors, row
from benchmarks.reproduce._search import Search
from benchmarks.reproduce._synthesised import attack_and_save, frontier_record
from scann_sklearn import SCANNClassifier, SchemeC

LAYERS, EPOCHS = (300, 100), 25
SCHEME = {
    "pruning_ratio": 0.4,
    "pruning_criterion": "magnitude",
    "path_iterations": 1,
    "initial_epochs": 10,
    "epochs": 8,
}


def mnist(models):
    """Record of the dense network and of what scheme C makes of it; one seed.

    Parameters
    ----------
    models : Path
        Folder for the most compressed network.

    Returns
    -------
    record : dict
        Rows of the dense network and of the synthesised ones.
    """
    parts = _data.load("mnist")
    start = time.process_time()
    dense, _ = fit_perceptron(LAYERS, parts, "range", 0, epochs=EPOCHS)
    seconds = time.process_time() - start
    baseline = {"best": row(dense, parts, list(LAYERS))}
    scheme_c = SCANNClassifier(
        SchemeC(**SCHEME),
        hidden_layer_sizes=LAYERS,
        learning_rate_init=0.003,
        label_smoothing=0.0,
        weight_decay=1e-5,
        input_scaling=None,
    )
    search = Search(parts, 0).run({"C 300-100": scheme_c})
    floors = accuracy_floors(baseline, len(parts.y_val))
    attack_and_save(search, floors, models / "mnist-0-SCANN.npz")
    return {
        "n_samples": [len(parts.y_train), len(parts.y_val), len(parts.y_test)],
        "n_features": parts.X_train.shape[1],
        "MLP": baseline["best"],
        **frontier_record(search, parts, floors, start, seconds),
    }
