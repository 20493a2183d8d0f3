"""Files that earlier versions have written load, and give what they gave.

They are written by ``python -m tests.saved.make``, a folder a version.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import warnings
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.exceptions import InconsistentVersionWarning
from sklearn.utils.validation import check_is_fitted

from scann_sklearn.export import SparseModel, skops_trusted_types
from tests.saved.make import result

EXPECTED = sorted(Path(__file__).parent.glob("*/*.expected.npz"))
SAVED = [path.with_name(path.name.removesuffix(".expected.npz")) for path in EXPECTED]
# What the documentation says has to be trusted beyond our own list: for Isomap, and for searches.
SKLEARN_TYPES = [
    "sklearn.metrics._dist_metrics.EuclideanDistance64",
    "sklearn.neighbors._ball_tree.BallTree",
    "sklearn.metrics._classification.accuracy_score",
    "sklearn.metrics._scorer._PassthroughScorer",
    "sklearn.metrics._scorer._Scorer",
    "sklearn.model_selection._split.StratifiedKFold",
]


def with_ending(path, ending):
    """The file of a saved model, which need not exist."""
    return path.with_name(path.name + ending)


def load(path, trusted):
    """Load with skops, on another version of scikit-learn too."""
    with warnings.catch_warnings():
        # what scikit-learn's own estimators say where theirs is another version
        warnings.simplefilter("ignore", InconsistentVersionWarning)
        return skops.io.load(path, trusted=trusted)


def tolerance(array):
    """Rounding of another processor, in the dtype of the model."""
    return {"rtol": 1e-3, "atol": 1e-4} if array.dtype == np.float32 else {"atol": 1e-6}


@pytest.fixture(params=SAVED, ids=lambda path: f"{path.parent.name}/{path.name}")
def saved(request):
    """Path of a saved model without an ending, its samples, and what it made of them."""
    with np.load(with_ending(request.param, ".expected.npz")) as arrays:
        return request.param, arrays["X"], arrays["result"]


def test_there_are_files_of_every_kind():
    """So that nothing is proved of nothing."""
    kinds = {path.name.split("-")[0] for path in SAVED}
    assert kinds == {"classifier", "regressor", "labels", "pipeline", "search", "reducer"}
    assert len(SAVED) >= 20


def test_estimators(saved):
    path, X, expected = saved
    name = path.name
    is_special = name.startswith("search") or name == "reducer-isomap"
    trusted = skops_trusted_types() + (SKLEARN_TYPES if is_special else [])
    model = load(with_ending(path, ".skops"), trusted)
    check_is_fitted(model)
    np.testing.assert_allclose(result(model, X), expected, **tolerance(expected))
    assert repr(model)
    if name.startswith("search"):
        best = model.best_estimator_
        assert best.get_params().items() >= model.best_params_.items()
        assert len(model.cv_results_["params"]) > 1


def test_models_for_numpy(saved):
    path, X, expected = saved
    file = with_ending(path, ".npz")
    assert file.exists() != path.name.startswith("reducer")
    if file.exists():
        model, kind = SparseModel.load(file), path.name.split("-")[0]
        if kind == "regressor":
            np.testing.assert_allclose(model.predict(X), expected, **tolerance(expected))
            return
        np.testing.assert_allclose(model.predict_proba(X), expected, **tolerance(expected))
        if kind == "labels":
            assert (model.predict(X) == (expected > 0.5)).all()
        else:
            assert (model.predict(X) == model.classes_[expected.argmax(axis=1)]).all()


def test_paths(saved):
    path, X, _ = saved
    file = with_ending(path, ".path.skops")
    assert file.exists() == path.name.startswith(("classifier", "regressor", "labels"))
    if not file.exists():
        return
    points = load(file, skops_trusted_types())
    classifier = load(with_ending(path, ".skops"), skops_trusted_types())
    assert len(points) == len(classifier.path_) > 0
    for point, own in zip(points, classifier.path_):
        assert repr(point) == repr(own)
        np.testing.assert_array_equal(point.weights.toarray(), own.weights.toarray())
        np.testing.assert_array_equal(point.biases, own.biases)
        chosen = classifier.select(n_connections=point.n_connections)
        assert chosen.n_connections_ == point.n_connections
        assert np.isfinite(result(chosen, X)).all()


def test_a_saved_classifier_goes_on():
    """It can be fitted again, from where it was and anew."""
    path = next(path for path in SAVED if path.name == "classifier-B")
    with np.load(with_ending(path, ".expected.npz")) as arrays:
        X = arrays["X"]
    classifier = load(with_ending(path, ".skops"), skops_trusted_types())
    y = classifier.predict(X)
    classifier.set_params(warm_start=True).fit(X, y)
    assert classifier.score(X, y) > 0.5
    classifier.set_params(warm_start=False).fit(X, y)
