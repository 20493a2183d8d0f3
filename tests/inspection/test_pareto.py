"""The frontier of a path, of a search and of several models."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import matplotlib.pyplot as plt
import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from scann_sklearn import DimReducer, SCANNClassifier, energy_score
from scann_sklearn.inspection import ParetoFrontDisplay
from scann_sklearn.metrics import EnergyModel, n_bytes, n_connections
from scann_sklearn.model_selection import CompressionSearchCV
from tests.classifier._helpers import short


@pytest.fixture(scope="module")
def pipe(digits):
    steps = [("reduce", DimReducer(n_components=8)), ("scann", short())]
    return Pipeline(steps).fit(*digits)


@pytest.fixture(scope="module")
def search(iris):
    return GridSearchCV(
        short(),
        {"n_connections": [6, 10, 20, 40]},
        scoring={"accuracy": "accuracy", "energy": energy_score},
        refit="accuracy",
        cv=2,
    ).fit(*iris)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(0, 5)), min_size=1, max_size=12))
def test_front_is_what_nothing_dominates(points):
    cost, score = np.array(points, dtype=float).T
    front = set(ParetoFrontDisplay(cost, score).front.tolist())
    for i in range(len(points)):
        beaten = (cost <= cost[i]) & (score >= score[i]) & ((cost < cost[i]) | (score > score[i]))
        assert (i in front) == (not beaten.any())


def test_path_by_connections(sized):
    display = ParetoFrontDisplay.from_path(sized).plot()
    assert display.cost.tolist() == [p.n_connections for p in sized.path_]
    assert display.score.tolist() == [p.validation_score for p in sized.path_]
    assert display.front.tolist() == list(range(len(sized.path_)))
    np.testing.assert_array_equal(
        display.chosen_.get_xydata(), [[sized.n_connections_, sized.validation_score_]]
    )
    assert display.ax_.get_xlabel() == "Connections"
    assert display.ax_.get_ylabel() == "Validation accuracy"


def test_path_by_energy_is_what_the_path_says(flower):
    display = ParetoFrontDisplay.from_path(flower, cost="energy")
    np.testing.assert_allclose(display.cost, [p.energy for p in flower.path_])


@pytest.mark.parametrize("cost", ["connections", "energy", "bytes", "flops"])
def test_cost_of_a_pipeline_counts_the_reduction(pipe, cost):
    meters = {
        "connections": n_connections,
        "energy": EnergyModel().energy,
        "bytes": n_bytes,
        "flops": lambda model: 2 * n_connections(model),
    }
    display = ParetoFrontDisplay.from_path(pipe, cost=cost)
    assert display.cost[display.chosen] == pytest.approx(meters[cost](pipe))


def test_cost_by_a_function(pipe):
    meter = EnergyModel(include_reduction=False).energy
    display = ParetoFrontDisplay.from_path(pipe, cost=meter)
    np.testing.assert_allclose(display.cost, [p.energy for p in pipe["scann"].path_])
    assert display.cost_name == "energy"


def test_search(search):
    display = ParetoFrontDisplay.from_search(search).plot()
    results = search.cv_results_
    np.testing.assert_array_equal(display.score, results["mean_test_accuracy"])
    np.testing.assert_array_equal(display.cost, -results["mean_test_energy"])
    assert display.chosen == search.best_index_
    assert len(display.line_.get_xdata()) == len(display.front)
    assert len(display.dominated_.get_xdata()) == 4 - len(display.front)
    assert display.dominated_.get_alpha() < 0.5
    assert display.name == "SCANNClassifier"


def test_compression_search(digits):
    steps = [("reduce", DimReducer(random_state=0)), ("scann", short(n_connections=60))]
    search = CompressionSearchCV(
        Pipeline(steps), methods=["pca"], ratios=[4, 8], hidden_layer_sizes=(12,), cv=2,
        refit=False, scoring={"accuracy": "accuracy", "energy": energy_score}, metric="accuracy",
    ).fit(*digits)  # fmt: skip
    display = ParetoFrontDisplay.from_search(search, name="pca").plot()
    assert len(display.cost) == 2
    assert display.chosen is None
    assert display.chosen_ is None
    assert display.line_.get_label() == "pca"


def test_estimators(iris, flower):
    X, y = iris
    scaled = Pipeline([("scale", StandardScaler()), ("lr", LogisticRegression())]).fit(X, y)
    models = {"small": flower, "logistic": scaled}
    display = ParetoFrontDisplay.from_estimators(models, X, y, cost="bytes").plot()
    assert display.score.tolist() == [flower.score(X, y), scaled.score(X, y)]
    assert display.cost.tolist() == [n_bytes(flower), n_bytes(scaled)]
    texts = [text.get_text() for text in display.ax_.get_legend().get_texts()]
    assert texts == ["front", "small", "logistic"]
    assert len(display.points_) == 2
    assert ParetoFrontDisplay.from_estimators(models, X, y, scoring="neg_log_loss").score_name == (
        "neg_log_loss"
    )


def test_several_fronts_on_one_axes(flower, search):
    first = ParetoFrontDisplay.from_path(flower, cost="energy").plot()
    second = ParetoFrontDisplay.from_search(search).plot(ax=first.ax_, name="search")
    assert second.ax_ is first.ax_
    assert first.line_.get_color() != second.line_.get_color()
    texts = [text.get_text() for text in first.ax_.get_legend().get_texts()]
    assert texts == ["SCANNClassifier", "search", "chosen"]


@pytest.mark.parametrize(("low", "high"), [(100, 100), (100, 130), (100, 900), (10, 1e6)])
def test_every_range_of_costs_has_some_ticks(low, high):
    display = ParetoFrontDisplay([low, high], [0.5, 0.9], cost_name="bytes").plot()
    display.figure_.canvas.draw()
    left, right = display.ax_.get_xlim()
    ticks = [x for x in display.ax_.get_xticks() if left <= x <= right]
    assert 2 <= len(ticks) <= 9


def test_one_point_has_narrow_limits_until_there_are_more():
    """An accuracy near 1 doesn't make an axis up to 1.05."""
    display = ParetoFrontDisplay([2000], [0.99]).plot()
    assert display.ax_.get_ylim() == pytest.approx((0.985, 0.995), abs=1e-3)
    ParetoFrontDisplay([20, 200], [0.5, 0.9]).plot(display.ax_)
    assert display.ax_.get_ylim()[0] < 0.5
    assert display.ax_.get_xlim()[0] < 20


def test_linear_scale(flower):
    ax = plt.figure().subplots()
    display = ParetoFrontDisplay.from_path(flower).plot(
        ax, xscale="linear", line_kw={"drawstyle": "default"}
    )
    assert display.ax_.get_xscale() == "linear"
    assert display.line_.get_drawstyle() == "default"


def test_points_without_a_finite_score_are_left_out():
    display = ParetoFrontDisplay([1, 2, 3], [0.5, np.nan, 0.9]).plot()
    assert display.front.tolist() == [0, 2]


@pytest.mark.parametrize("cost", ["joules", None, 3])
def test_unknown_cost(flower, iris, cost):
    with pytest.raises(ValueError, match=rf"'bytes', 'connections'.*got {cost!r}"):
        ParetoFrontDisplay.from_path(flower, cost=cost)
    with pytest.raises(ValueError, match=rf"got {cost!r}"):
        ParetoFrontDisplay.from_estimators({"a": flower}, *iris, cost=cost)


def test_errors(flower, search, iris):
    with pytest.raises(NotFittedError):
        ParetoFrontDisplay.from_path(SCANNClassifier())
    with pytest.raises(TypeError, match="got SVC"):
        ParetoFrontDisplay.from_path(SVC())
    with pytest.raises(TypeError, match="fitted search, got SCANNClassifier"):
        ParetoFrontDisplay.from_search(flower)
    with pytest.raises(NotFittedError):
        ParetoFrontDisplay.from_search(GridSearchCV(short(), {}))
    with pytest.raises(ValueError, match=r"no 'mean_test_size'.*\['accuracy', 'energy'\]"):
        ParetoFrontDisplay.from_search(search, cost="size")
    with pytest.raises(TypeError, match="dict of names"):
        ParetoFrontDisplay.from_estimators([flower], *iris)
    with pytest.raises(ValueError, match="at least one model"):
        ParetoFrontDisplay.from_estimators({}, *iris)
    with pytest.raises(TypeError, match="operations of SVC"):
        ParetoFrontDisplay.from_estimators({"svm": SVC().fit(*iris)}, *iris)
    with pytest.raises(ValueError, match="got 'cubic'"):
        ParetoFrontDisplay.from_path(flower).plot(xscale="cubic")
    with pytest.raises(ValueError, match="inconsistent numbers"):
        ParetoFrontDisplay([1, 2], [0.5])
    with pytest.raises(ValueError, match=r"no point with a finite score and cost: scores \[nan\]"):
        ParetoFrontDisplay([1], [np.nan])
    for chosen in (2, -1):
        with pytest.raises(ValueError, match=f"chosen={chosen} is not an index of the 2 point"):
            ParetoFrontDisplay([1, 2], [0.5, 0.6], chosen=chosen)
