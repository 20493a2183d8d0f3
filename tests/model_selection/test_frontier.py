"""The front has exactly the candidates that nothing dominates."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import energy_score
from scann_sklearn.model_selection import pareto_front

# Few values, so that ties and duplicates are frequent, and some that can't be compared.
value = st.sampled_from([-2.0, -1.0, 0.0, 0.5, 1.0, np.nan, -np.inf])


def results(scores, savings):
    return {"mean_test_accuracy": np.array(scores), "mean_test_energy": np.array(savings)}


def dominates(one, other):
    return (one >= other).all() and (one > other).any()


@given(st.lists(st.tuples(value, value), max_size=12))
def test_the_front_has_what_nothing_dominates(pairs):
    points = np.array(pairs).reshape(-1, 2)
    front = pareto_front(results(points[:, 0], points[:, 1]))
    finite = [i for i in range(len(points)) if np.isfinite(points[i]).all()]
    expected = [
        i for i in finite if not any(dominates(points[other], points[i]) for other in finite)
    ]
    assert sorted(front) == expected
    scores, savings = points[front].T
    assert (np.diff(scores) >= 0).all()
    assert (np.diff(savings) <= 0).all()


def test_names_of_the_metrics():
    cv_results = {"mean_test_a": [1, 2, 3], "mean_test_b": [3, 1, 2]}
    assert pareto_front(cv_results, score="a", cost="b").tolist() == [0, 2]
    assert pareto_front(cv_results, score="b", cost="a").tolist() == [2, 0]


def test_no_candidate():
    assert pareto_front(results([np.nan], [0.0])).tolist() == []


def test_unknown_metric():
    with pytest.raises(ValueError, match=r"no 'mean_test_energy'.*\['accuracy', 'bytes'\]"):
        pareto_front({"mean_test_accuracy": [1], "mean_test_bytes": [1]})
    with pytest.raises(ValueError, match=r"no 'mean_test_f1'.*\['accuracy', 'energy'\]"):
        pareto_front(results([1.0], [1.0]), score="f1")


def test_of_a_search():
    X, y = load_wine(return_X_y=True)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), PCA(), LogisticRegression()),
        {"pca__n_components": [13, 6, 3, 2, 1]},
        scoring={"accuracy": "accuracy", "energy": energy_score},
        refit="accuracy",
    ).fit(X, y)
    front = pareto_front(search.cv_results_)
    assert front[0] == 4  # a single component is the cheapest
    scores = search.cv_results_["mean_test_accuracy"]
    assert scores[front[-1]] == scores.max()  # which of two with equal scores is open


@pytest.mark.parametrize("name", ["score", "cost"])
@pytest.mark.parametrize("value", [None, 3, ["accuracy"]])
def test_metrics_have_names(name, value):
    results = {"mean_test_accuracy": [0.5], "mean_test_energy": [-1.0]}
    with pytest.raises(ValueError, match="score and cost must be names of metrics, got"):
        pareto_front(results, **{name: value})
