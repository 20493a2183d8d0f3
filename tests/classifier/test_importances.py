"""Importances of the features, and what selects features by them; the decision function."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import make_classification, make_friedman1
from sklearn.exceptions import NotFittedError
from sklearn.feature_selection import RFECV, SelectFromModel
from sklearn.pipeline import make_pipeline

from tests.regressor._helpers import short_regressor

from ._helpers import plain_outputs, short


@pytest.fixture(scope="module")
def informative():
    """The first three of twelve features count."""
    return make_classification(
        600, 12, n_informative=3, n_redundant=0, n_classes=3, n_clusters_per_class=1,
        class_sep=2, shuffle=False, random_state=0,
    )  # fmt: skip


def test_they_are_shares_and_find_what_counts(informative):
    clf = short(n_connections=40).fit(*informative)
    importances = clf.feature_importances_
    assert importances.shape == (12,)
    assert importances.sum() == pytest.approx(1)
    assert (importances >= 0).all()
    assert set(np.argsort(importances)[-3:]) == {0, 1, 2}
    np.testing.assert_array_equal(importances > 0, clf.get_support())


def test_by_hand(informative):
    """Sums over paths, written as products of dense matrices."""
    X, y = informative
    clf = short("C", hidden_layer_sizes=(4,), n_connections=30, input_scaling="range").fit(X, y)
    w = np.abs(clf.weights_.toarray())
    n_hidden = clf.n_hidden_
    paths = w[n_hidden:, :12] + w[n_hidden:, 12:] @ w[:n_hidden, :12]
    by_output = paths * clf.feature_deviations_
    by_output /= by_output.sum(axis=1, keepdims=True)
    np.testing.assert_allclose(clf.feature_importances_, by_output.mean(axis=0))


def test_units_make_no_difference(informative):
    X, y = informative
    one = short(n_connections=40).fit(X, y)
    other = short(n_connections=40).fit(X * 2.0 ** np.arange(-6, 6), y)
    np.testing.assert_allclose(one.feature_importances_, other.feature_importances_, rtol=1e-6)
    tiny, huge = (short(n_connections=40).fit(X * factor, y) for factor in (1e-150, 1e150))
    np.testing.assert_allclose(tiny.feature_importances_, huge.feature_importances_, rtol=1e-3)


def test_a_constant_feature_has_none(informative):
    X, y = informative
    X = np.column_stack([X[:, :3], np.full(len(X), 7.0)])
    clf = short(n_connections=60).fit(X, y)
    assert clf.feature_deviations_[3] == clf.feature_importances_[3] == 0


def test_of_a_selected_network_and_of_targets_of_any_scale(informative):
    clf = short().fit(*informative)
    small = clf.select(n_connections=clf.path_[0].n_connections)
    assert small.feature_importances_.sum() == pytest.approx(1)
    X, y = make_friedman1(400, random_state=0)
    alone, beside, far = (
        short_regressor(n_connections=40).fit(X, Y).feature_importances_
        for Y in (y, np.column_stack([y, X[:, 7]]), np.column_stack([y, 2.0**20 * X[:, 7]]))
    )
    assert alone[7] < 0.1 < beside[7]
    np.testing.assert_allclose(far, beside, rtol=1e-6)


def test_selectors(informative):
    X, y = informative
    selector = SelectFromModel(short(n_connections=40), max_features=3, threshold=-np.inf)
    assert set(selector.fit(X, y).get_support(indices=True)) == {0, 1, 2}
    pipe = make_pipeline(selector, short(n_connections=20)).fit(X, y)
    assert pipe.score(X, y) > 0.8
    rfe = RFECV(short(n_connections=20), step=3, cv=2, min_features_to_select=3).fit(X, y)
    assert rfe.ranking_[:3].max() <= rfe.ranking_[3:].min()  # what counts goes last


def test_not_fitted():
    assert not hasattr(short(), "feature_importances_")
    with pytest.raises(NotFittedError):
        short().decision_function(np.ones((2, 3)))


def test_the_decision_function(informative):
    X, y = informative
    clf = short(n_connections=40).fit(X, y)
    np.testing.assert_allclose(clf.decision_function(X), plain_outputs(clf, X), rtol=1e-9)
    np.testing.assert_array_equal(clf.decision_function(X).argmax(axis=1), clf.predict(X))
    two = short(n_connections=20).fit(X, y == 1)
    assert two.decision_function(X).shape == (600,)
    np.testing.assert_array_equal(two.decision_function(X) > 0, two.predict(X))
    calibrated = CalibratedClassifierCV(short(n_connections=40), cv=2).fit(X, y)
    assert calibrated.score(X, y) > 0.8
