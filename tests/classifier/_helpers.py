"""What the tests of the classifier share: short fits and fresh interpreters."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
import subprocess
import sys
from pathlib import Path

import numpy as np

from scann_sklearn import SCANNClassifier, SchemeA, SchemeB, SchemeC, SchemeNeST

ROOT = Path(__file__).resolve().parents[2]
SHORT: dict[str, float] = {"initial_epochs": 8, "epochs": 4, "growth_epochs": 4, "iterations": 1}
SHORT |= {"pruning_ratio": 0.3}


def short_scheme(letter, **parameters):
    """Scheme of few epochs."""
    if letter == "A":
        return SchemeA(**{"growth_iterations": 2, **SHORT, **parameters})
    if letter == "NeST":
        return SchemeNeST(**{"growth_iterations": 2, **SHORT, **parameters})
    return {"B": SchemeB, "C": SchemeC}[letter](**SHORT | parameters)


def short(scheme="B", **parameters):
    """Classifier whose fit takes a fraction of a second; not an accurate one."""
    defaults = {"hidden_layer_sizes": (10,), "learning_rate_init": 0.03, "random_state": 0}
    defaults |= {"batch_size": 128, "validation_fraction": 0.1}
    return SCANNClassifier(short_scheme(scheme), **defaults | parameters)


def same_network(a, b):
    """Whether two fitted classifiers are equal bit by bit, path included."""
    return len(a.path_) == len(b.path_) and all(
        p.validation_score == q.validation_score
        and p.weights.dtype == q.weights.dtype
        and np.array_equal(p.weights.indptr, q.weights.indptr)
        and np.array_equal(p.weights.indices, q.weights.indices)
        and np.array_equal(p.weights.data, q.weights.data)
        and np.array_equal(p.biases, q.biases)
        for p, q in zip([a_point(a), *a.path_], [a_point(b), *b.path_], strict=True)
    )


def a_point(classifier):
    """The chosen point of the path."""
    return next(p for p in classifier.path_ if p.n_connections == classifier.n_connections_)


def plain_outputs(classifier, X):
    """Outputs computed neuron by neuron, in the words of the documentation of `weights_`."""
    weights, n_features = classifier.weights_.toarray(), classifier.n_features_in_
    values = np.hstack([np.asarray(X, dtype=float), np.zeros((len(X), classifier.n_hidden_))])
    for t in range(classifier.n_hidden_):
        before = values @ weights[t] + classifier.biases_[t]
        values[:, n_features + t] = np.maximum(before, 0)
    last = classifier.n_hidden_
    return values @ weights[last:].T + classifier.biases_[last:]


def run_python(code, *arguments, **environment):
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code, *map(str, arguments)],
        cwd=ROOT,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=600,  # first it may have to compile
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
