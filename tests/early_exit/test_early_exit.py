"""The classifier with early exits: who leaves where, thresholds, energy, files, bad input."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
import io
import pickle
from dataclasses import replace

import joblib
import numpy as np
import pytest
import scipy.sparse
import skops.io
from sklearn.base import clone
from sklearn.datasets import load_iris
from sklearn.impute import SimpleImputer
from sklearn.metrics import accuracy_score
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import (
    DimReducer,
    EarlyExitClassifier,
    SCANNClassifier,
    absorb_reduction,
    energy_score,
)
from scann_sklearn.callbacks import SynthesisProgress
from scann_sklearn.export import SparseModel, skops_trusted_types, to_onnx
from scann_sklearn.metrics import EnergyModel, n_connections
from tests.classifier._helpers import plain_outputs, same_network

from ._helpers import short


def plain(clf, X):
    """Probabilities and exits neuron by neuron, in the words of the documentation."""
    outputs = plain_outputs(clf, X)
    each = []
    for z in np.split(outputs, clf.n_exits_, axis=1):
        if z.shape[1] == 1:
            z = np.hstack([np.zeros_like(z), z])
        terms = np.exp(z - z.max(axis=1, keepdims=True))
        each.append(terms / terms.sum(axis=1, keepdims=True))
    found, exits = np.mean(each, axis=0), np.full(len(X), clf.n_exits_ - 1)
    for i in range(len(X)):
        for e, threshold in enumerate(clf.thresholds_):
            if each[e][i].max() > threshold:
                found[i], exits[i] = each[e][i], e
                break
    return found, exits


def by_hand(clf, thresholds):
    """A copy that samples leave at these thresholds."""
    other = copy.copy(clf)
    other.thresholds_ = np.asarray(thresholds)
    return other


@pytest.mark.parametrize("data", ["digits", "cancer"])
@pytest.mark.parametrize("thresholds", [(0.0, 0.0), (0.7, 0.9), (0.9, 0.4), (1.0, 1.0), (1.0, 0.8)])
def test_predictions_are_those_of_the_definition(request, data, thresholds):
    X, X_test, y, _ = request.getfixturevalue(data)
    clf = by_hand(short(n_connections=200).fit(X, y), thresholds)
    expected, exits = plain(clf, X_test)
    np.testing.assert_array_equal(clf.predict_exit(X_test), exits)
    np.testing.assert_allclose(clf.predict_proba(X_test), expected, rtol=1e-6, atol=1e-12)
    np.testing.assert_allclose(clf.predict_log_proba(X_test), np.log(expected), rtol=1e-6)
    np.testing.assert_array_equal(clf.predict(X_test), clf.classes_[expected.argmax(axis=1)])
    scores = clf.decision_function(X_test)
    assert scores.shape == ((len(X_test),) if data == "cancer" else expected.shape)


def test_neighbours_make_no_difference(fitted, digits):
    X = digits[1]
    clf = by_hand(fitted, (0.8, 0.8))
    together = clf.predict_proba(X)
    one_by_one = np.vstack([clf.predict_proba(X[i : i + 1]) for i in range(40)])
    np.testing.assert_array_equal(together[:40], one_by_one)
    np.testing.assert_array_equal(clf.predict_proba(scipy.sparse.csr_array(X)), together)
    assert len(np.unique(clf.predict_exit(X))) == 3


def test_what_is_behind_an_exit_is_not_computed(fitted, digits):
    """Broken weights behind the first exit harm nobody who leaves there."""
    clf = copy.deepcopy(fitted)
    clf.thresholds_ = np.array([0.9, 1.0])
    left = clf.predict_exit(digits[1]) == 0
    assert 0 < left.sum() < len(left)
    expected = clf.predict_proba(digits[1])
    size = clf.n_outputs_ // clf.n_exits_
    clf.biases_[-2 * size :] += 5 * np.arange(2 * size)
    found = clf.predict_proba(digits[1])
    np.testing.assert_array_equal(found[left], expected[left])
    assert not np.allclose(found[~left], expected[~left])


@pytest.mark.parametrize("scheme", ["A", "B", "C", "NeST"])
@pytest.mark.parametrize("engine", ["compiled", "torch"])
def test_every_point_of_the_path_has_all_exits(scheme, engine):
    X, y = load_iris(return_X_y=True)
    clf = short(scheme, engine=engine, n_connections=0.6, hidden_layer_sizes=(9,)).fit(X, y)
    for point in clf.path_:
        assert len(point.exits) == 3
        assert point.exits[-1] == point.n_hidden
        assert point.exit_point in point.thresholds_path
        counts = np.diff(point.weights.indptr)
        assert (counts[point.n_hidden :] > 0).all()
        for e, seen in enumerate(point.exits):
            rows = point.weights[[point.n_hidden + 3 * e + k for k in range(3)]]
            assert rows.indices.max() < 4 + seen


def test_thresholds_are_the_best_of_the_validation_data(digits):
    X, X_val, y, y_val = digits
    clf = short(section_ratio=6).fit(X, y, X_val=X_val, y_val=y_val)
    everybody = by_hand(clf, (1.0, 1.0))
    assert clf.score(X_val, y_val) >= everybody.score(X_val, y_val)
    assert everybody.score(X_val, y_val) == pytest.approx(clf.exit_accuracies_[-1])
    assert clf.validation_score_ == pytest.approx(clf.exit_accuracies_[-1])
    shares = np.bincount(clf.predict_exit(X_val), minlength=3) / len(X_val)
    np.testing.assert_allclose(shares, clf.exit_shares_)
    assert clf.energy_ == pytest.approx(shares @ clf.exit_energies_)
    for point in clf.thresholds_path_:
        other = by_hand(clf, point.thresholds)
        assert other.score(X_val, y_val) == pytest.approx(point.accuracy)
        assert -energy_score(other, X_val) == pytest.approx(point.energy)
    energies, scores = (
        [getattr(p, n) for p in clf.thresholds_path_] for n in ("energy", "accuracy")
    )
    assert energies == sorted(energies)
    assert scores == sorted(scores)
    assert len(scores) > 3


def test_selection_without_a_fit(fitted):
    front = fitted.thresholds_path_
    for point in front[:: max(len(front) // 4, 1)]:
        taken = fitted.select(energy=point.energy * (1 + 1e-9))
        assert tuple(taken.thresholds_) == point.thresholds
        assert taken.energy_ == pytest.approx(point.energy)
    loose, strict = fitted.select(exit_loss=0.05), fitted.select(exit_loss=0.0)
    assert loose.energy_ <= strict.energy_
    assert strict.energy_ == fitted.energy_
    small = fitted.select(n_connections=fitted.path_[0].n_connections)
    assert small.n_connections_ == fitted.path_[0].n_connections
    assert small.exit_shares_.tolist() == list(fitted.path_[0].exit_point.shares)
    both = fitted.select(n_connections=small.n_connections_, exit_loss=1.0)
    assert both.exit_shares_.tolist() == [1, 0, 0]
    assert both.energy_ == pytest.approx(both.exit_energies_[0])


def test_wishes_that_do_not_fit(fitted):
    with pytest.raises(
        ValueError, match=r"energy of 1e-13 J .* first exit, an inference takes .* J"
    ):
        fitted.select(energy=1e-13)
    with pytest.raises(ValueError, match="takes one of exit_loss and energy, got"):
        fitted.select(energy=1e-6, exit_loss=0.0)
    with pytest.raises(ValueError, match="exit_loss must not be negative, got -0.1"):
        fitted.select(exit_loss=-0.1)
    with pytest.raises(TypeError, match="energy must be a number, got 'low'"):
        fitted.select(energy="low")
    with pytest.raises(ValueError, match="exactly one of"):
        fitted.select()
    with pytest.raises(ValueError, match="exactly one of"):
        fitted.select(n_connections=300, min_score=0.5, energy=1.0)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_exits": 1}, r"'n_exits' .* range \[2, inf\). Got 1"),
        (
            {"n_exits": 3, "hidden_layer_sizes": (5, 5)},
            r"has 2 layers, fewer than n_exits=3",
        ),
        ({"n_exits": 7, "hidden_layer_sizes": (6,)}, r"\(6,\) has 6 neurons, fewer than n_exits=7"),
        ({"thresholds": [0.5]}, r"2 numbers from 0 to 1, .* got \[0.5\]"),
        ({"thresholds": [0.5, 1.5]}, r"numbers from 0 to 1, .* got \[0.5, 1.5\]"),
        ({"thresholds": [0.5, -0.1]}, r"got \[0.5, -0.1\]"),
        ({"thresholds": [0.5, np.nan]}, r"got \[0.5, nan\]"),
        ({"thresholds": [True, 0.5]}, r"got \[True, 0.5\]"),
        ({"thresholds": "all"}, "'thresholds'"),
        ({"section_ratio": 1.0}, r"'section_ratio' .* range \(1.0, inf\). Got 1.0"),
        ({"distillation": 1.5}, "'distillation'"),
        ({"temperature": 0.0}, "'temperature'"),
        ({"exit_loss": -0.1}, "'exit_loss'"),
    ],
)
def test_bad_parameters(parameters, message):
    clf = short().set_params(**parameters)
    with pytest.raises(ValueError, match=message):
        clf.fit(*load_iris(return_X_y=True))


def test_a_target_energy_that_cannot_be_reached(cancer):
    X, _, y, _ = cancer
    clf = short(target_energy=1e-12, n_connections=100)
    with pytest.raises(
        ValueError, match=r"target_energy=1e-12 can't .* 1\d\d?|9\d connections takes"
    ):
        clf.fit(X, y)
    assert clf.exit_shares_.tolist() == [1, 0, 0]  # what there is can be looked at
    with pytest.raises(ValueError, match="first exit"):
        clf.select(max_loss=0.0)
    assert clf.select(energy=1.0).energy_ < 1.0


def test_several_labels_are_refused():
    X, y = load_iris(return_X_y=True)
    with pytest.raises(ValueError, match="one class per sample, but y has 3 columns"):
        short().fit(X, np.eye(3, dtype=int)[y])


def test_thresholds_of_the_user(digits):
    X, X_test, y, _ = digits
    clf = short(thresholds=[0.9, 0.95]).fit(X, y)
    assert clf.thresholds_.tolist() == [0.9, 0.95]
    assert clf.exit_shares_.sum() == pytest.approx(1)
    assert len(clf.thresholds_path_) >= 1
    np.testing.assert_array_equal(clf.predict_exit(X_test), plain(clf, X_test)[1])


def test_energy_is_a_mean_over_samples(fitted, digits):
    X, X_test = digits[0], digits[1]
    clf = by_hand(fitted, (0.9, 0.9))
    pipe = make_pipeline(StandardScaler(with_mean=False, with_std=False), clf)
    pipe[0].fit(X)
    shares = np.bincount(clf.predict_exit(X_test), minlength=3) / len(X_test)
    for estimator in (clf, pipe):
        assert -energy_score(estimator, X_test) == pytest.approx(shares @ clf.exit_energies_)
    counts = EnergyModel().operations(by_hand(fitted, (1.0, 1.0)), X_test)
    assert counts.macs >= fitted.n_connections_
    assert n_connections(fitted) == fitted.n_connections_
    assert (np.diff(fitted.exit_energies_) > 0).all()
    worst = by_hand(fitted, (1.0, 1.0))
    assert -energy_score(worst, X_test) == pytest.approx(fitted.exit_energies_[-1])


def test_the_first_exit_costs_what_it_reads(fitted):
    """Connections on the ways to its outputs, from the matrix."""
    matrix, n_read = fitted.weights_.toarray() != 0, fitted.n_features_in_
    size, n_hidden = fitted.n_outputs_ // 3, fitted.n_hidden_
    rows = set(range(n_hidden, n_hidden + size))
    for row in range(n_hidden + size - 1, -1, -1):
        if row in rows:
            rows |= {s - n_read for s in np.flatnonzero(matrix[row]) if s >= n_read}
    counts = EnergyModel().operations(by_hand(fitted, (0.0, 0.0)), np.zeros((2, n_read)))
    assert counts.macs == matrix[sorted(rows)].sum() + size - 1


def test_sample_weights(digits):
    X, X_val, y, y_val = digits
    weight = np.random.default_rng(0).integers(1, 4, len(y_val))
    clf = short(section_ratio=6)
    clf.fit(X, y, X_val=X_val, y_val=y_val, sample_weight_val=weight)
    expected = accuracy_score(y_val, clf.predict(X_val), sample_weight=weight)
    assert expected >= clf.exit_accuracies_[-1]
    shares = np.bincount(clf.predict_exit(X_val), weight, 3) / weight.sum()
    np.testing.assert_allclose(shares, clf.exit_shares_)


def test_folds(cancer):
    """Small data: the thresholds are found on what the networks of the folds didn't see."""
    X, X_test, y, y_test = cancer
    clf = short(n_connections="auto", validation_fraction="auto").fit(X, y)
    assert clf.exit_shares_.sum() == pytest.approx(1)
    assert clf.score(X_test, y_test) > 0.9


def test_files(fitted, digits):
    X = digits[1]
    clf = fitted.select(exit_loss=0.0)
    expected = clf.predict_proba(X)
    clf.predict_exit(X)
    stream = io.BytesIO()
    joblib.dump(clf, stream)
    stream.seek(0)
    skopsed = skops.io.loads(skops.io.dumps(clf), trusted=skops_trusted_types())
    for again in (
        pickle.loads(pickle.dumps(clf)),
        joblib.load(stream),
        skopsed,
        copy.deepcopy(clf),
    ):
        np.testing.assert_array_equal(again.predict_proba(X), expected)
        assert same_network(again, clf)
        assert again.thresholds_path_ == clf.thresholds_path_
        assert again.select(exit_loss=0.1).energy_ == clf.select(exit_loss=0.1).energy_
    assert repr(clone(clf)) == repr(clf)


@pytest.mark.parametrize("scheme", ["B", "C", "NeST"])
@pytest.mark.parametrize("data", ["digits", "cancer"])
def test_one_file_for_numpy(request, tmp_path, scheme, data):
    X, X_test, y, _ = request.getfixturevalue(data)
    clf = by_hand(short(scheme, section_ratio=4, n_connections=200).fit(X, y), (0.9, 0.8))
    reduced = short(scheme, n_connections=200, thresholds=[0.9, 0.8])
    for model in (
        clf,
        make_pipeline(StandardScaler(), DimReducer("pca", ratio=2), reduced).fit(X, y),
    ):
        sparse = SparseModel.from_estimator(model)
        sparse.save(tmp_path / "model.npz")
        again = SparseModel.load(tmp_path / "model.npz")
        np.testing.assert_allclose(again.predict_proba(X_test), model.predict_proba(X_test))
        np.testing.assert_array_equal(again.predict(X_test), model.predict(X_test))
        assert "exits=3" in repr(again)


def test_a_file_with_steps_ahead_that_compare_is_refused(digits, tmp_path):
    X, _, y, _ = digits
    pipe = make_pipeline(SimpleImputer(), short(n_connections=200)).fit(X, y)
    sparse = SparseModel.from_estimator(pipe)
    np.testing.assert_allclose(sparse.predict_proba(X), pipe.predict_proba(X))
    with pytest.raises(NotImplementedError, match="can't hold both early exits and steps"):
        sparse.save(tmp_path / "model.npz")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"exits": None}, "exits and thresholds go together"),
        ({"thresholds": np.array([0.5])}, "3 exits, 1 thresholds and 30 outputs"),
        ({"thresholds": np.array([0.5, 2.0])}, "thresholds are not between 0 and 1"),
        ({"thresholds": np.array([0.5, 0.9, 0.8])}, "not all samples leave at the last exit, of"),
        ({"thresholds": np.array([0, 1])}, "thresholds is of shape"),
        ({"exits": np.array([0, 0, 1], np.int32)}, "exits don't rise to the number of hidden"),
        ({"exits": "none of the first"}, "reads a slot that is computed after its target"),
    ],
)
def test_damaged_programs(fitted, change, message):
    program = fitted._fitted_model().to_program()
    if isinstance(change.get("exits"), str):
        change = {"exits": np.array([0, *program.exits[1:]], np.int32)}
    with pytest.raises(ValueError, match=message):
        replace(program, **change)


@pytest.mark.parametrize("data", ["digits", "cancer"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_onnx_has_all_exits(request, data, dtype):
    onnxruntime = pytest.importorskip("onnxruntime")
    X, X_test, y, _ = request.getfixturevalue(data)
    clf = by_hand(short(section_ratio=4, n_connections=200).fit(X, y), (0.9, 0.8))
    graph = to_onnx(clf, dtype=dtype)
    assert [output.name for output in graph.graph.output] == ["label", "probabilities", "exit"]
    session = onnxruntime.InferenceSession(graph.SerializeToString())
    label, probabilities, exits = session.run(None, {"X": X_test.astype(dtype)})
    assert (exits == clf.predict_exit(X_test)).mean() > 0.99
    assert (label == clf.predict(X_test)).mean() > 0.99
    same = exits == clf.predict_exit(X_test)
    np.testing.assert_allclose(probabilities[same], clf.predict_proba(X_test)[same], atol=1e-3)


def test_a_reduction_is_not_absorbed(digits):
    X, _, y, _ = digits
    pipe = make_pipeline(DimReducer("pca", ratio=4), short(n_connections=150)).fit(X, y)
    with pytest.raises(TypeError, match="which section of a EarlyExitClassifier"):
        absorb_reduction(pipe, X)


def test_torch_gives_all_exits(fitted, digits):
    import torch

    X = digits[1][:5]
    outputs = fitted.to_torch()(torch.as_tensor(X)).detach().numpy()
    np.testing.assert_allclose(outputs, plain_outputs(fitted, X), rtol=1e-6)


def test_pipelines_searches_and_callbacks(cancer):
    X, X_test, y, y_test = cancer
    clf = short(n_connections=60, n_exits=2)
    pipe = make_pipeline(StandardScaler(), DimReducer("pca", ratio=2.0), clf)
    scoring = {"accuracy": "accuracy", "energy": energy_score}
    grid = {"earlyexitclassifier__n_exits": [2, 3]}
    search = GridSearchCV(pipe, grid, scoring=scoring, refit="accuracy", cv=2)
    search.set_callbacks(SynthesisProgress()).fit(X, y)
    assert search.score(X_test, y_test) > 0.85
    assert (search.cv_results_["mean_test_energy"] < 0).all()
    reducer = search.best_estimator_[:-1]
    shares = search.best_estimator_[-1].predict_exit(reducer.transform(X_test))
    assert len(shares) == len(X_test)


def test_warm_start(digits):
    X, X_test, y, _ = digits
    clf = short("B", warm_start=True, n_connections=300).fit(X, y)
    before = clf.predict_proba(X_test)
    clf.fit(X, y)
    assert clf.n_exits_ == 3
    assert clf.n_connections_ <= 300
    assert before.shape == clf.predict_proba(X_test).shape
    with pytest.raises(ValueError, match="continues with 3 exits, but n_exits=2"):
        clf.set_params(n_exits=2).fit(X, y)
    for scheme in ("C", "NeST"):
        layers = short(scheme, warm_start=True, hidden_layer_sizes=(8, 8, 8)).fit(X, y).fit(X, y)
        assert len(layers.exits_) == 3


def test_label_smoothing_and_teachers(digits):
    X, X_test, y, y_test = digits
    teacher = SCANNClassifier(n_connections=300, random_state=0)
    for parameters in ({"label_smoothing": 0.1}, {"teacher": teacher}):
        assert short(**parameters).fit(X, y).score(X_test, y_test) > 0.85


def test_samples_beyond_the_largest_float(fitted):
    X = np.full((3, fitted.n_features_in_), 1e308)
    X[1] *= -1
    X[2] = 0
    assert np.isfinite(fitted.predict_proba(X)).all()
    assert set(fitted.predict(X)) <= set(fitted.classes_)


def test_two_classes_and_names():
    X, y = load_iris(return_X_y=True, as_frame=True)
    clf = EarlyExitClassifier(n_exits=2, n_connections=15, random_state=0)
    names = np.array(["a", "b"])[(y > 0).astype(int)]
    clf.fit(X, names)
    assert clf.n_outputs_ == 2
    assert set(clf.predict(X)) == {"a", "b"}
    assert clf.score(X, names) > 0.95
    assert "2 exits" in str(clf.summary())
    assert clf.feature_importances_.sum() == pytest.approx(1)
