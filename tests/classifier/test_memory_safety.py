"""What schemes, steps and hands can change is checked before compiled code, which trusts indices.

Compiled code that is led out of its arrays ends the interpreter: those tests have one of their own.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
import pickle

import joblib
import numpy as np
import pytest
import scipy.sparse

from ._helpers import run_python, same_network, short

BAD_SCHEMES = """
from dataclasses import dataclass, replace
import numpy as np
from sklearn.datasets import load_iris
from scann_sklearn import SCANNClassifier
from scann_sklearn.network import Network, Topology
from scann_sklearn.synthesis import Scheme, Train

class Wrong(Scheme):
    def __init__(self, shape=(4, 3), most=(4, 3), apply=None):
        self.shape, self.most, self.apply = shape, most, apply
    def start(self, n_inputs, n_outputs, hidden_layer_sizes, rng):
        return Topology.dense(*self.shape, n_hidden=2) if self.shape else None
    def largest(self, n_inputs, n_outputs, hidden_layer_sizes):
        return Topology.dense(*self.most, n_hidden=2)
    def next_round(self, view, goal):
        return ([Train(1)], [Step(1, self.apply)], None)[view.number]

@dataclass(frozen=True)
class Step:
    epochs: int
    function: object
    name = "wrong"
    def apply(self, network, batch):
        return self.function(network)

def other(n_inputs, n_outputs, dtype=float):
    topology = Topology.dense(n_inputs, n_outputs, n_hidden=2)
    return lambda network: Network.initialize(topology, 0, dtype)

def moments(n_weights, n_biases, dtype=float, times=2):
    pair = (np.zeros(n_weights, dtype), np.zeros(n_biases, dtype))
    return lambda network: replace(network, moments=(pair,) * times)

def spoil(network):
    network.weight[0] = np.nan
    return network

for scheme in (
    Wrong((5, 3)), Wrong((3, 3)), Wrong((4, 7)), Wrong((4, 1)),
    Wrong(None), Wrong(most=(9, 3)), Wrong(most=(4, 2)),
    Wrong(apply=other(50, 3)), Wrong(apply=other(4, 2)), Wrong(apply=other(4, 9)),
    Wrong(apply=other(4, 3, np.float32)), Wrong(apply=lambda network: None),
    Wrong(apply=moments(1, 5)), Wrong(apply=moments(27, 1)),
    Wrong(apply=moments(27, 5, np.float32)), Wrong(apply=moments(27, 5, times=1)),
    Wrong(apply=spoil),
):
    try:
        SCANNClassifier(scheme, hidden_layer_sizes=(2,), n_connections=9).fit(
            *load_iris(return_X_y=True)
        )
    except (ValueError, TypeError) as error:
        print(error)
    else:
        print("no error")
"""

MESSAGES = [
    "Wrong.start returned a network of 5 inputs, not 4.",
    "Wrong.start returned a network of 3 inputs, not 4.",
    "Wrong.start returned a network of 7 outputs, not 3.",
    "Wrong.start returned a network of 1 outputs, not 3.",
    "Wrong.start must return a Topology, got None.",
    "Wrong.largest returned a network of 9 inputs, not 4.",
    "Wrong.largest returned a network of 2 outputs, not 3.",
    "The step 'wrong' (Step.apply) returned a network of 50 inputs, not 4.",
    "The step 'wrong' (Step.apply) returned a network of 2 outputs, not 3.",
    "The step 'wrong' (Step.apply) returned a network of 9 outputs, not 3.",
    "The step 'wrong' (Step.apply) returned float32 weights in place of float64.",
    "The step 'wrong' (Step.apply) must return a Network, got None.",
    "1 weights in moments for 27 connections, in an array of shape (1,).",
    "1 biases in moments for 5 targets, in an array of shape (1,).",
    "The weights in moments are of dtype float32, but weight is of float64.",
    "The network has 1 pairs of moments, but solver='adam' remembers 2.",
    "The step 'wrong' (Step.apply) returned weights or biases that are not finite.",
]


def test_schemes_and_steps_that_return_other_networks():
    lines = run_python(BAD_SCHEMES).splitlines()
    assert lines == MESSAGES


BY_HAND = """
import copy
import pickle
import numpy as np
from sklearn.datasets import load_iris
from scann_sklearn import SCANNClassifier

X, y = load_iris(return_X_y=True)
fitted = SCANNClassifier("B", n_connections=20, random_state=0).fit(X, y)

def indices(c): c.weights_.indices = c.weights_.indices + np.int32(10**8)
def negative(c): c.weights_.indices = c.weights_.indices - np.int32(10**8)
def indptr(c): c.weights_.indptr = c.weights_.indptr * np.int32(10**6)
def in_place(c): c.weights_.indices[:] = 10**8
def data(c): c.weights_.data = c.weights_.data[:1]
def biases(c): c.biases_ = c.biases_[:1]
def inputs(c): c.n_features_in_, c.weights_.indices = 3, c.weights_.indices.copy()
def outputs(c): c.n_outputs_ = 10**6
def point(c): c.path_[0].weights.indices = c.path_[0].weights.indices + np.int32(10**8)
def torch(c): c.to_torch().topology.indices[:] = 10**8

for change in indices, negative, indptr, in_place, data, biases, inputs, outputs, point, torch:
    for changed in (copy.deepcopy(fitted), pickle.loads(pickle.dumps(fitted))):
        try:
            change(changed)
            if change is point:
                changed.select(n_connections=changed.path_[0].n_connections)
            changed.predict_proba(X[:, :3] if change is inputs else X)
        except ValueError as error:
            continue
        raise SystemExit(change.__name__)
assert fitted.predict(X).shape == y.shape
"""


def test_fitted_arrays_changed_by_hand():
    run_python(BY_HAND)


def arrays_of(classifier):
    for weights, biases in (
        (classifier.weights_, classifier.biases_),
        *((point.weights, point.biases) for point in classifier.path_),
    ):
        yield from (weights.data, weights.indices, weights.indptr, biases)


@pytest.mark.parametrize("way", ["fit", "pickle", "joblib", "mapped", "copy", "select"])
def test_fitted_arrays_are_read_only(fitted_iris, iris, tmp_path, way):
    ways = {
        "fit": lambda: fitted_iris,
        "pickle": lambda: pickle.loads(pickle.dumps(fitted_iris)),
        "copy": lambda: copy.copy(fitted_iris),
        "select": lambda: fitted_iris.select(max_loss=0.5),
    }
    if way in ways:
        classifier = ways[way]()
    else:
        joblib.dump(fitted_iris, tmp_path / "model")
        classifier = joblib.load(tmp_path / "model", mmap_mode="r" if way == "mapped" else None)
    assert not any(array.flags.writeable for array in arrays_of(classifier))
    # trusted at once: no check at each prediction
    assert classifier._checked_.are_of(classifier)
    assert all(array.flags.carray for array in classifier._checked_.memory)
    expected = fitted_iris.select(n_connections=classifier.n_connections_).predict_proba(iris[0])
    np.testing.assert_array_equal(classifier.predict_proba(iris[0]), expected)


def test_a_deep_copy_may_be_changed(fitted_iris, iris):
    before = fitted_iris.predict_proba(iris[0])
    other = copy.deepcopy(fitted_iris)
    assert same_network(other, fitted_iris)
    other.weights_.data[:] *= 2
    other.biases_ += 1
    expected = pickle.loads(pickle.dumps(other)).predict_proba(iris[0])
    np.testing.assert_array_equal(other.predict_proba(iris[0]), expected)
    assert not np.array_equal(expected, before)
    np.testing.assert_array_equal(fitted_iris.predict_proba(iris[0]), before)


def test_a_network_of_the_users_own(fitted_iris, iris):
    """Arrays put in place of the fitted ones count, and go on counting when they change."""
    classifier = copy.copy(fitted_iris)
    weights = scipy.sparse.csr_array(fitted_iris.weights_ * 2.0)
    classifier.weights_ = weights
    first = classifier.predict_proba(iris[0])
    assert not np.array_equal(first, fitted_iris.predict_proba(iris[0]))
    weights.data[:] /= 2
    np.testing.assert_array_equal(
        classifier.predict_proba(iris[0]), fitted_iris.predict_proba(iris[0])
    )


def test_a_selection_and_a_module_share_nothing_that_can_be_changed(iris):
    classifier = short().fit(*iris)
    before = classifier.predict_proba(iris[0])
    selected = classifier.select(n_connections=classifier.n_connections_)
    selected.weights_.data = np.zeros_like(selected.weights_.data)
    assert (classifier.weights_.data != 0).any()
    module = classifier.to_torch()
    module.weight.data.zero_()
    module.topology.__setstate__(module.topology.__getstate__())
    np.testing.assert_array_equal(classifier.predict_proba(iris[0]), before)
    point = classifier.select(n_connections=classifier.n_connections_)
    np.testing.assert_array_equal(point.predict_proba(iris[0]), before)


def test_joblib_files_hold_the_chosen_network_once(digits, tmp_path):
    classifier = short(hidden_layer_sizes=(60,), n_connections=1500).fit(*digits)
    joblib.dump(classifier, tmp_path / "model")
    joblib.dump((classifier.path_, classifier.history_), tmp_path / "parts")
    whole, parts = ((tmp_path / name).stat().st_size for name in ("model", "parts"))
    assert whole - parts < 6 * classifier.n_connections_  # of which each takes 12 bytes
