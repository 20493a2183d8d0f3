"""The cheapest candidate that is about as good as the best."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pickle

import numpy as np
import pytest
from hypothesis import assume, given, strategies as st
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, PredefinedSplit
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import energy_score
from scann_sklearn.model_selection import SmallestWithinOneSE, pareto_front

SCORING = {"accuracy": "accuracy", "energy": energy_score}
PIPE = make_pipeline(StandardScaler(), PCA(random_state=0), LogisticRegression())
GRID = {"pca__n_components": [30, 10, 5, 2, 1]}


def results(splits, savings):
    """As in cv_results_: one row of `splits` for each candidate."""
    splits = np.array(splits, dtype=float)
    return {
        **{f"split{i}_test_accuracy": column for i, column in enumerate(splits.T)},
        "mean_test_accuracy": splits.mean(axis=1),
        "std_test_accuracy": splits.std(axis=1),
        "mean_test_energy": np.array(savings, dtype=float),
    }


def test_one_standard_error_of_the_best():
    # The best has mean 0.9 and deviation 0.02 on 4 splits: everything from 0.89 is good enough.
    best = [0.88, 0.92, 0.88, 0.92]
    splits = [best, [0.8901] * 4, [0.8899] * 4]
    assert SmallestWithinOneSE()(results(splits, [-9, -5, -1])) == 1
    assert SmallestWithinOneSE()(results(splits, [-4, -5, -1])) == 0
    assert SmallestWithinOneSE(tolerance=0.02)(results(splits, [-9, -5, -1])) == 2
    assert SmallestWithinOneSE(tolerance=0)(results(splits, [-9, -5, -1])) == 0


def test_a_score_at_the_limit_is_good_enough():
    cv_results = results([[0.99], [0.98]], [-2, -1])
    assert SmallestWithinOneSE(tolerance=0.01)(cv_results) == 1


def test_ties_go_to_the_better_then_to_the_first():
    cv_results = results([[0.95], [0.96], [0.97], [0.97]], [-1, -2, -1, -1])
    assert SmallestWithinOneSE(tolerance=0.1)(cv_results) == 2


def test_candidates_without_finite_numbers_are_ignored():
    splits = [[np.nan, 0.9], [0.9, 0.9], [0.8, 0.9], [0.9, 0.9]]
    cv_results = results(splits, [-1, -4, -2, np.nan])
    assert SmallestWithinOneSE()(cv_results) == 1
    assert SmallestWithinOneSE(tolerance=0.06)(cv_results) == 2


def test_no_candidate():
    with pytest.raises(ValueError, match="No candidate has a finite mean_test_accuracy"):
        SmallestWithinOneSE()(results([[np.nan, 1.0]], [-1]))
    with pytest.raises(ValueError, match=r"at least 0\.5 has a finite mean_test_energy: \[nan\]"):
        SmallestWithinOneSE()(results([[0.5, 0.5]], [np.nan]))


def test_a_single_split_needs_a_tolerance():
    with pytest.raises(ValueError, match="at least two splits, and the search has 1: set the tol"):
        SmallestWithinOneSE()(results([[0.9], [0.8]], [-2, -1]))


def test_unknown_metric():
    cv_results = results([[0.9, 0.9]], [-1])
    with pytest.raises(ValueError, match=r"no 'mean_test_f1'.*are \['accuracy', 'energy'\]"):
        SmallestWithinOneSE(score="f1")(cv_results)
    with pytest.raises(ValueError, match=r"no 'mean_test_bytes'.*are \['accuracy', 'energy'\]"):
        SmallestWithinOneSE(cost="bytes")(cv_results)


@pytest.mark.parametrize("tolerance", [-0.1, np.nan, np.inf, "0.1", True])
def test_bad_tolerance(tolerance):
    with pytest.raises(ValueError, match="tolerance must be None or a finite number"):
        SmallestWithinOneSE(tolerance=tolerance)


@pytest.mark.parametrize("name", ["score", "cost"])
def test_bad_name(name):
    with pytest.raises(ValueError, match=f"{name} must be a string, got 3"):
        SmallestWithinOneSE(**{name: 3})


def test_rules_are_values():
    rule = SmallestWithinOneSE("f1", tolerance=0.1)
    assert repr(rule) == "SmallestWithinOneSE(score='f1', cost='energy', tolerance=0.1)"
    assert pickle.loads(pickle.dumps(rule)) == rule != SmallestWithinOneSE()
    search = clone(GridSearchCV(PIPE, GRID, refit=rule))
    assert search.refit == rule


score = st.floats(0, 1)


@given(st.lists(st.tuples(st.lists(score, min_size=3, max_size=3), st.floats(-1, 0)), min_size=1))
def test_the_choice_is_good_enough_and_nothing_cheaper_is(candidates):
    splits, savings = zip(*candidates)
    cv_results = results(splits, savings)
    chosen = SmallestWithinOneSE()(cv_results)
    means = cv_results["mean_test_accuracy"]
    least = means.max() - cv_results["std_test_accuracy"][means.argmax()] / np.sqrt(3)
    assume((abs(means - least) > 1e-12).all())  # at the limit rounding decides
    assert means[chosen] > least
    assert not any(means[i] > least and savings[i] > savings[chosen] for i in range(len(means)))


def test_in_a_search():
    X, y = load_breast_cancer(return_X_y=True)
    search = GridSearchCV(PIPE, GRID, scoring=SCORING, refit=SmallestWithinOneSE()).fit(X, y)
    means = search.cv_results_["mean_test_accuracy"]
    assert search.best_index_ in pareto_front(search.cv_results_)
    assert means[search.best_index_] < means.max()
    assert search.best_estimator_.score(X, y) > 0.93


def test_in_a_search_with_one_split():
    X, y = load_breast_cancer(return_X_y=True)
    cv = PredefinedSplit(np.where(np.arange(len(y)) % 3 == 0, 0, -1))
    search = GridSearchCV(PIPE, GRID, scoring=SCORING, refit=SmallestWithinOneSE(), cv=cv)
    with pytest.raises(ValueError, match=r"SmallestWithinOneSE\(tolerance=0\.01\)"):
        search.fit(X, y)
    search.set_params(refit=SmallestWithinOneSE(tolerance=1)).fit(X, y)
    assert search.best_params_ == {"pca__n_components": 1}
