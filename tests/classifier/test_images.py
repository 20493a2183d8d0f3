"""Estimators of images: convolutions ahead of the neurons, under one budget."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
import pickle

import numpy as np
import pytest
import skops.io
import torch
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.datasets import load_digits
from sklearn.model_selection import GridSearchCV

from scann_sklearn import (
    AvgPool2d,
    Conv2d,
    ConvFrontEnd,
    MaxPool2d,
    SCANNClassifier,
    SCANNRegressor,
    SchemeC,
)
from scann_sklearn.estimators._images import Images
from scann_sklearn.estimators._scaling import InputScaling
from scann_sklearn.export import skops_trusted_types
from scann_sklearn.metrics import EnergyModel, n_bytes
from scann_sklearn.model._model import model_of
from scann_sklearn.network import Topology
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.training._options import TrainingOptions

from ._helpers import same_network, short

X, Y = load_digits(return_X_y=True)
X_TRAIN, Y_TRAIN, X_TEST, Y_TEST = X[:1200], Y[:1200], X[1200:], Y[1200:]
LAYERS = [Conv2d(6, 3), MaxPool2d(2)]
FRONT_END = ConvFrontEnd(LAYERS, input_shape=(1, 8, 8))


def images_of(X):
    return X.reshape(-1, 1, 8, 8)


@pytest.fixture(scope="module")
def fitted():
    clf = SCANNClassifier(
        front_end=FRONT_END,
        hidden_layer_sizes=(20,),
        n_connections=300,
        validation_fraction=0.1,
        random_state=0,
    )
    return clf.fit(images_of(X_TRAIN), Y_TRAIN)


def test_digits_are_learnt_within_one_budget(fitted):
    assert fitted.score(X_TEST, Y_TEST) > 0.9
    front, neurons = fitted.front_end_.n_connections, fitted.weights_.nnz
    assert 0 < front < 54
    assert front + neurons == fitted.n_connections_ <= 300
    assert fitted.n_features_in_ == 64
    assert fitted.depth_ >= 2
    assert [p.n_connections for p in fitted.path_] == sorted(p.n_connections for p in fitted.path_)


def test_images_and_rows_are_the_same(fitted):
    expected = fitted.predict_proba(X_TEST)
    assert np.array_equal(fitted.predict_proba(images_of(X_TEST)), expected)
    assert np.array_equal(fitted.predict_proba(images_of(X_TEST).tolist()), expected)
    assert np.array_equal(fitted.predict_proba(sparse.csr_array(X_TEST)), expected)
    one_by_one = np.concatenate([fitted.predict_proba(row[None]) for row in X_TEST[:5]])
    np.testing.assert_allclose(one_by_one, expected[:5])
    again = clone(fitted).fit(X_TRAIN, Y_TRAIN)
    assert same_network(again, fitted)
    without_shape = clone(fitted).set_params(front_end=ConvFrontEnd(LAYERS))
    assert same_network(without_shape.fit(images_of(X_TRAIN), Y_TRAIN), fitted)


def test_the_fitted_network_is_what_torch_computes(fitted):
    """Kernels of `front_end_` on raw images, by torch; then the neurons."""
    values = torch.tensor(images_of(X_TEST[:50]))
    (kernels,) = (torch.tensor(k) for k in fitted.front_end_.filters)
    bias = torch.tensor(np.array(fitted.front_end_.bias))
    maps = torch.nn.functional.conv2d(values, kernels, bias).relu()
    maps = torch.nn.functional.max_pool2d(maps, 2).flatten(1).numpy()
    np.testing.assert_allclose(fitted.front_end_.maps(X_TEST[:50]), maps, atol=1e-9)
    tail = model_of(fitted).neurons
    outputs = tail.decision_function(maps)
    np.testing.assert_allclose(fitted.decision_function(X_TEST[:50]), outputs, atol=1e-9)


def test_to_torch(fitted):
    module = fitted.to_torch()
    expected = fitted.decision_function(X_TEST)
    for values in (X_TEST, images_of(X_TEST)):
        outputs = module(torch.tensor(values)).detach().numpy()
        np.testing.assert_allclose(outputs, expected, atol=1e-9)
    assert module.weight.numel() == fitted.n_connections_


def test_select_and_the_points_of_the_path_have_convolutions_of_their_own():
    clf = short("C", front_end=FRONT_END, n_connections="auto").fit(X_TRAIN[:500], Y_TRAIN[:500])
    assert len({p.front_end.n_connections for p in clf.path_}) > 1
    for point in (clf.path_[0], clf.path_[-1]):
        chosen = clf.select(n_connections=point.n_connections)
        assert chosen.front_end_ is point.front_end
        assert chosen.n_connections_ == point.front_end.n_connections + point.weights.nnz
        score = np.mean(chosen.predict(X_TRAIN[:500]) == Y_TRAIN[:500])
        assert score > point.validation_score - 0.25


@pytest.mark.parametrize("dump", ["pickle", "skops", "deepcopy"])
def test_a_saved_estimator_says_the_same(fitted, dump):
    if dump == "pickle":
        loaded = pickle.loads(pickle.dumps(fitted))
    elif dump == "skops":
        loaded = skops.io.loads(skops.io.dumps(fitted), trusted=skops_trusted_types())
    else:
        loaded = copy.deepcopy(fitted)
    assert np.array_equal(loaded.predict_proba(X_TEST), fitted.predict_proba(X_TEST))
    assert same_network(loaded, fitted)
    smallest = fitted.path_[0].n_connections
    a, b = (clf.select(n_connections=smallest).predict(X_TEST) for clf in (loaded, fitted))
    assert np.array_equal(a, b)


def test_a_changed_file_is_an_error(fitted):
    state = fitted.front_end_.__getstate__()
    wrong = state["stages"][0] | {"indices": state["stages"][0]["indices"] + 9}
    broken = pickle.loads(pickle.dumps(fitted.front_end_))
    with pytest.raises(ValueError, match="not allowed"):
        broken.__setstate__(state | {"stages": [wrong, *state["stages"][1:]]})
    other = pickle.loads(pickle.dumps(fitted))
    other.__dict__["n_features_in_"] = 63
    with pytest.raises(ValueError, match="takes images of"):
        pickle.loads(pickle.dumps(other))


@pytest.mark.parametrize("padding", [0, 1])
@pytest.mark.parametrize("kind", ["standard", "robust", "range", None])
def test_scaling_is_folded_exactly(kind, padding):
    rng = np.random.default_rng(0)
    raw = rng.normal(3, 2, (30, 2, 5, 5)) * [[[[1]], [[10]]]]
    front_end = ConvFrontEnd([Conv2d(3, 3, padding=padding), AvgPool2d(2)], (2, 5, 5))
    images = Images(front_end, (2, 5, 5))
    X = raw.reshape(30, -1)
    scaling = InputScaling.of_images(X, kind, np.ones(30), images)
    topology = Topology.dense(images.front.target.size, 2, n_hidden=4)
    network = MapNetwork.initialize_maps(images.front, topology, 0)
    network.bias[:] = rng.normal(size=len(network.bias))
    scaled = scaling.apply(X).dense()
    if kind == "standard" and not padding:
        pixels = scaled.reshape(30, 2, 25)
        np.testing.assert_allclose(pixels.mean(axis=(0, 2)), 0, atol=1e-12)
        np.testing.assert_allclose(pixels.std(axis=(0, 2)), 1)
    options = TrainingOptions.of(SCANNClassifier(), 30)
    folded = scaling.fold(network, options)
    np.testing.assert_allclose(folded.decision_function(X), network.decision_function(scaled))
    back = scaling.unfold(folded)
    np.testing.assert_allclose(back.weight, network.weight)
    np.testing.assert_allclose(back.bias, network.bias, atol=1e-12)


def test_pixels_that_are_read_and_their_importance():
    """One connection at the top left of the kernel: the last rows and columns aren't read."""
    clf = short("C", front_end=FRONT_END, n_connections=60).fit(X_TRAIN, Y_TRAIN)
    support, importance = clf.get_support(), clf.feature_importances_
    assert importance.shape == support.shape == (64,)
    assert importance.sum() == pytest.approx(1)
    assert (importance[~support] == 0).all()
    assert clf.n_inputs_used_ == support.sum()
    changed = X_TEST.copy()
    changed[:, ~support] += 100
    assert np.array_equal(clf.predict_proba(changed), clf.predict_proba(X_TEST))


def test_energy_counts_positions_and_size_counts_weights(fitted):
    model = model_of(fitted)
    front = model.network.front
    counts = EnergyModel().operations(fitted)
    assert counts.macs == front.layers[0].n_multiplications + fitted.weights_.nnz
    assert n_bytes(fitted) < 4 * counts.macs


class Witness(ClassifierMixin, BaseEstimator):
    """Remembers what it was asked."""

    asked: list = []

    def fit(self, X, y):
        self.classes_ = np.unique(y)
        return self

    def predict_proba(self, X):
        self.asked.append(X.copy())
        return np.full((len(X), len(self.classes_)), 1 / len(self.classes_))


@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_augment_makes_other_images_for_every_epoch(engine):
    seen = []

    def augment(images, rng):
        seen.append(images.shape)
        return images + rng.integers(5)

    front_end = ConvFrontEnd(LAYERS, (1, 8, 8), augment=augment)
    few = {"front_end": front_end, "n_connections": 200, "engine": engine}
    Witness.asked = []
    clf = short("C", teacher=Witness(), **few).fit(X_TRAIN[:300], Y_TRAIN[:300])
    assert set(seen[1:]) == {(270, 1, 8, 8)}
    assert len(seen) - 1 == clf.n_iter_
    steps = {float((asked - Witness.asked[0]).mean()) for asked in Witness.asked[1:]}
    assert steps <= {0.0, 1.0, 2.0, 3.0, 4.0}
    assert len(steps) > 1
    assert len(Witness.asked) == clf.n_iter_ + 1


@pytest.mark.parametrize("engine", ["auto", "torch"])
def test_augment_that_changes_nothing_changes_nothing(engine):
    few = {"n_connections": 200, "engine": engine}
    plain = short("C", front_end=FRONT_END, **few).fit(X_TRAIN[:300], Y_TRAIN[:300])
    same = ConvFrontEnd(LAYERS, (1, 8, 8), augment=lambda images, rng: images)
    augmented = short("C", front_end=same, **few).fit(X_TRAIN[:300], Y_TRAIN[:300])
    assert same_network(plain, augmented)


def test_augment_ahead_of_neurons_alone():
    """Without layers the network is that of rows, of images that are augmented."""
    shapes = set()

    def augment(images, rng):
        shapes.add(images.shape[1:])
        return images + rng.integers(2)

    few = {"n_connections": 200}
    plain = short("C", **few).fit(X_TRAIN[:300], Y_TRAIN[:300])
    same = ConvFrontEnd([], (1, 8, 8), augment=lambda images, rng: images)
    assert same_network(plain, short("C", front_end=same, **few).fit(X_TRAIN[:300], Y_TRAIN[:300]))
    assert same.output_shape() == (1, 8, 8)
    other = short("C", front_end=ConvFrontEnd([], (1, 8, 8), augment=augment), **few)
    other.fit(X_TRAIN[:300], Y_TRAIN[:300])
    assert shapes == {(1, 8, 8)}
    assert not same_network(plain, other)
    assert other.front_end_ is None
    assert other.weights_.shape[1] == 64 + other.n_hidden_
    assert len(other.predict(X_TEST)) == len(X_TEST)
    with pytest.raises(ValueError, match=r"has no layers.*\(1200, 1, 8, 8\)"):
        clone(other).fit(images_of(X_TRAIN), Y_TRAIN)


@pytest.mark.parametrize(
    ("augment", "message"),
    [
        (lambda images, rng: images * np.nan, "augment returned nan for image 0"),
        (
            lambda images, rng: images[:, :, 1:],
            r"augment returned an array of shape \(16, 1, 7, 8\)",
        ),
        (lambda images, rng: images.reshape(len(images), -1), "the shapes must be equal"),
    ],
)
def test_augment_is_tried_before_the_training(augment, message):
    clf = short(front_end=ConvFrontEnd(LAYERS, (1, 8, 8), augment=augment))
    with pytest.raises(ValueError, match=message):
        clf.fit(X_TRAIN, Y_TRAIN)
    assert not hasattr(clf, "history_")


def test_a_search_chooses_a_front_end():
    small, large = ConvFrontEnd([Conv2d(1, 8)], (1, 8, 8)), FRONT_END
    grid = {"front_end": [small, large, None]}
    clf = short("C", n_connections=150)
    search = GridSearchCV(clf, grid, cv=2, error_score="raise")
    search.fit(X_TRAIN[:400], Y_TRAIN[:400])
    assert search.best_params_["front_end"] in (large, None)
    assert clone(short(front_end=large)).front_end == large


def test_warm_start_goes_on_with_the_convolutions(fitted):
    clf = copy.deepcopy(fitted).set_params(warm_start=True, n_connections=150)
    before = clf.front_end_.n_connections
    clf.fit(X_TRAIN, Y_TRAIN)
    assert clf.n_connections_ <= 150
    assert 0 < clf.front_end_.n_connections <= before + 9
    assert clf.score(X_TEST, Y_TEST) > 0.8
    clf.set_params(front_end=ConvFrontEnd([Conv2d(6, 5)], (1, 8, 8)))
    with pytest.raises(ValueError, match="warm_start continues with the layers of maps"):
        clf.fit(X_TRAIN, Y_TRAIN)


@pytest.mark.parametrize("letter", ["A", "B", "C", "NeST"])
def test_every_scheme(letter):
    clf = short(letter, front_end=FRONT_END, n_connections=120).fit(X_TRAIN, Y_TRAIN)
    assert clf.n_connections_ <= 120
    assert clf.front_end_.n_connections > 0
    assert clf.score(X_TEST, Y_TEST) > 0.5


def test_a_scheme_as_published():
    scheme = SchemeC.as_published(epochs=2, iterations=2).set_params(initial_epochs=3)
    clf = SCANNClassifier(
        scheme, front_end=FRONT_END, hidden_layer_sizes=(10,), n_connections=200, random_state=0
    ).fit(X_TRAIN[:300], Y_TRAIN[:300])
    assert clf.n_connections_ <= 200


def test_values_of_images():
    mean_row = (X.reshape(-1, 8, 8).mean(axis=2) * np.arange(8)).sum(axis=1)
    reg = SCANNRegressor(
        front_end=FRONT_END, hidden_layer_sizes=(10,), n_connections=150, random_state=0
    ).fit(images_of(X_TRAIN[:600]), mean_row[:600])
    assert reg.front_end_.n_connections > 0
    assert reg.score(images_of(X_TEST), mean_row[1200:]) > 0.9


ROWS = X_TRAIN[:60], Y_TRAIN[:60]


@pytest.mark.parametrize(
    ("fit", "message"),
    [
        (lambda: short(front_end=FRONT_END).fit(X_TRAIN[:, :60], Y_TRAIN), "60 features, but imag"),
        (lambda: short(front_end=FRONT_END).fit(X_TRAIN.reshape(-1, 8, 8), Y_TRAIN), r"X\[:, None"),
        (lambda: short().fit(images_of(X_TRAIN), Y_TRAIN), "for images, set front_end"),
        (
            lambda: short(front_end=FRONT_END).fit(X_TRAIN.reshape(-1, 1, 4, 16), Y_TRAIN),
            r"images of \(1, 4, 16\), but the front end takes \(1, 8, 8\)",
        ),
        (lambda: short(front_end=FRONT_END, n_connections=9).fit(*ROWS), "at least 11 connections"),
        (
            lambda: short(front_end=ConvFrontEnd([Conv2d(2, 9)], (1, 8, 8))).fit(*ROWS),
            r"layers\[0\], Conv2d\(2, 9\), doesn't fit after the image, which makes 1 maps of 8",
        ),
        (
            lambda: short(
                front_end=ConvFrontEnd([*LAYERS, MaxPool2d(4)], (1, 8, 8)),
            ).fit(*ROWS),
            r"layers\[2\], MaxPool2d\(4\), doesn't fit after layers\[1\], MaxPool2d\(2\)",
        ),
        (lambda: short(front_end=LAYERS).fit(*ROWS), "front_end"),
    ],
)
def test_what_does_not_fit_is_said_before_the_training(fit, message):
    with pytest.raises(ValueError, match=message):
        fit()


def test_other_images_are_refused(fitted):
    with pytest.raises(ValueError, match=r"images of \(1, 7, 8\)"):
        fitted.predict(np.zeros((3, 1, 7, 8)))
    with pytest.raises(ValueError, match="X has 63 features"):
        fitted.predict(np.zeros((3, 63)))
    with pytest.raises(ValueError, match="X_val has images of"):
        short(front_end=FRONT_END).fit(*ROWS, X_val=np.zeros((3, 1, 7, 8)), y_val=[0, 1, 2])


def test_huge_images_have_finite_outputs(fitted):
    huge = np.full((2, 64), 1e308)
    assert np.isfinite(fitted.predict_proba(huge)).all()


def test_too_little_memory_says_what_would_fit(monkeypatch):
    few = {"front_end": FRONT_END, "hidden_layer_sizes": (50,)}
    monkeypatch.setattr("scann_sklearn.network._allowed.available_bytes", lambda: 60_000)
    with pytest.raises(MemoryError, match=r"6 maps of 3 x 3: .* or at most 27 neurons"):
        short("C", **few).fit(*ROWS)
    monkeypatch.undo()
    monkeypatch.setattr("scann_sklearn.estimators._images.available_bytes", lambda: 99_999)
    with pytest.raises(MemoryError, match="set batch_size to at most 23"):
        short("C", **few, batch_size=40).fit(*ROWS)
