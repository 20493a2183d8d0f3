"""A search drawn: every candidate in its place, by stage, and what was predicted of it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import sys

import matplotlib.pyplot as plt
import numpy as np
import pytest
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import Ridge
from sklearn.model_selection import GridSearchCV

from scann_sklearn.inspection import SearchDisplay
from scann_sklearn.model_selection import STEERAGESearchCV, pareto_front
from tests.classifier._helpers import short

NAN = np.nan
COST, SCORE = [40, 20, 80, 30, 10, 99], [0.8, 0.7, 0.75, 0.85, 0.5, NAN]
STAGE = ["sample", "sample", "sample", "evolved", "local", "evolved"]
PREDICTED = [NAN, NAN, NAN, 0.82, NAN, 0.9]


@pytest.fixture(scope="module")
def search(digits):
    X, y = digits
    space = {"hidden_layer_sizes": [(5,), (10,)], "n_connections": [100, 150, 200, 300]}
    made = STEERAGESearchCV(short(), space, n_iter=7, n_local=2, cv=2, random_state=0)
    return made.fit(X[:300], y[:300])


def test_every_candidate_is_drawn_by_its_stage():
    display = SearchDisplay(COST, SCORE, STAGE, PREDICTED, chosen=3, cost_name="bytes").plot()
    assert display.front.tolist() == [4, 1, 3]
    assert list(display.points_) == ["sample", "evolved", "local"]
    for stage, line in display.points_.items():
        own = np.array(STAGE) == stage
        np.testing.assert_array_equal(line.get_xdata(), np.array(COST)[own])
        np.testing.assert_array_equal(line.get_ydata(), np.array(SCORE)[own])
    np.testing.assert_array_equal(display.line_.get_xydata(), [[10, 0.5], [20, 0.7], [30, 0.85]])
    np.testing.assert_array_equal(display.chosen_.get_xydata(), [[30, 0.85]])
    np.testing.assert_array_equal(display.predicted_.get_xydata(), [[0.82, 0.85]])
    assert set(display.diagonal_.get_xdata()) == {0.82, 0.85}
    assert display.axes_[0].get_xscale() == "log"
    assert display.axes_[0].get_xlabel() == "Size of the parameters"
    texts = [text.get_text() for text in display.axes_[0].get_legend().get_texts()]
    assert texts == ["first sample", "evolved", "grown and pruned", "front", "chosen"]


def test_on_axes_of_one_s_own_without_predictions():
    axes = plt.subplots(2)[1]
    display = SearchDisplay([1, 2], [0.1, 0.2], ["sample"] * 2, [NAN] * 2)
    assert display.plot(axes, xscale="linear").axes_[1] is axes[1]
    assert not len(display.predicted_.get_xdata())
    assert display.chosen_ is None
    assert display.figure_ is axes[0].figure


def test_of_a_search(search):
    display = SearchDisplay.from_search(search).plot()
    results = search.cv_results_
    np.testing.assert_array_equal(display.cost, results["cost"])
    np.testing.assert_array_equal(display.score, results["mean_test_score"])
    assert set(display.front) == set(pareto_front(results, score="score", cost="cost"))
    assert display.chosen == search.best_index_
    assert len(display.predicted_.get_xdata()) == np.isfinite(results["predicted_score"]).sum() > 0
    assert display.axes_[0].get_xlabel() == "Connections"
    assert display.axes_[0].get_ylabel() == "Validation score"


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: SearchDisplay([1], [1], ["first"], [1]), ValueError, r"got \['first'\]"),
        (lambda: SearchDisplay([1], [1], ["local"], [1], chosen=1), ValueError, "chosen=1 is no"),
        (lambda: SearchDisplay([1], [1, 2], ["local"], [1]), ValueError, "inconsistent"),
        (lambda: SearchDisplay.from_search(Ridge()), TypeError, "STEERAGESearchCV, got Ridge"),
        (
            lambda: SearchDisplay.from_search(STEERAGESearchCV(Ridge(), {})),
            NotFittedError,
            "not fitted",
        ),
        (
            lambda: SearchDisplay.from_search(
                GridSearchCV(Ridge(), {"alpha": [1, 2]}, cv=2).fit(np.eye(9), range(9))
            ),
            TypeError,
            "a GridSearchCV whose cv_results_ lack",
        ),
    ],
)
def test_bad_arguments(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_bad_plots(monkeypatch):
    display = SearchDisplay([1], [1], ["local"], [1])
    with pytest.raises(ValueError, match="xscale must be 'log' or 'linear', got 'cubic'"):
        display.plot(xscale="cubic")
    with pytest.raises(ValueError, match="must be two axes, got 1"):
        display.plot(plt.subplots()[1])
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    with pytest.raises(ImportError, match="SearchDisplay.plot requires matplotlib"):
        display.plot()
