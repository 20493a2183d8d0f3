"""Energy and size of scikit-learn's regressors, against hand-made counts."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.datasets import make_friedman1
from sklearn.ensemble import (
    ExtraTreesRegressor,
    GradientBoostingRegressor,
    HistGradientBoostingRegressor,
    RandomForestRegressor,
)
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, Ridge, RidgeCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor, ExtraTreeRegressor

from scann_sklearn.metrics import EnergyModel, OperationCounts, n_bytes, n_connections, n_parameters

X, y = make_friedman1(300, random_state=0)
Y = np.column_stack([y, -y])
# Four samples on a line: the first inner node asks for x <= 1.5, the others for x <= 0.5 and 2.5.
LINE, STEPS = np.arange(4.0)[:, None], [0.0, 1.0, 5.0, 7.0]


@pytest.mark.parametrize("model", [LinearRegression(), Ridge(), RidgeCV(), Lasso(), ElasticNet()])
def test_linear_models(model):
    counts = EnergyModel().operations(model.fit(X, y))
    assert counts == OperationCounts(macs=10, sram_accesses=21, comparisons=0)
    assert n_parameters(model) == 11
    assert n_bytes(make_pipeline(StandardScaler(), model).fit(X, y)) == 44
    assert EnergyModel().operations(model.fit(X, Y)).macs == 20


def test_a_perceptron_decides_nothing():
    mlp = MLPRegressor(hidden_layer_sizes=(7,), max_iter=5, tol=10, n_iter_no_change=1)
    counts = EnergyModel().operations(mlp.fit(X, Y))
    assert counts.macs == n_connections(mlp) == 10 * 7 + 7 * 2
    assert counts.comparisons == 7
    assert n_parameters(mlp) == 84 + 9


@pytest.mark.parametrize("kind", [DecisionTreeRegressor, ExtraTreeRegressor])
def test_a_tree_by_hand(kind):
    tree = kind(random_state=0).fit(LINE, STEPS)
    n_visits = tree.decision_path(LINE).sum(axis=1).mean() - 1
    counts = EnergyModel().operations(tree)
    assert counts.comparisons == counts.index_reads == n_visits
    assert counts.sram_accesses == 3 * n_visits + 1  # the leaf has the value
    assert counts.macs == 0
    assert n_parameters(tree) == 3 + 4  # thresholds and leaves
    assert n_bytes(tree) == 4 * 7 + 3 * 2  # for each inner node a feature and a child


def test_trees_of_two_targets():
    tree = DecisionTreeRegressor(max_leaf_nodes=5, random_state=0).fit(X, Y)
    assert n_parameters(tree) == 4 + 2 * 5


@pytest.mark.parametrize("kind", [RandomForestRegressor, ExtraTreesRegressor])
def test_forests_add_up_leaves(kind):
    forest = kind(6, max_leaf_nodes=4, random_state=0).fit(X, y)
    n_visits = sum(
        tree.tree_.weighted_n_node_samples[tree.tree_.children_left >= 0].sum()
        / tree.tree_.weighted_n_node_samples[0]
        for tree in forest.estimators_
    )
    counts = EnergyModel().operations(forest)
    assert counts.comparisons == pytest.approx(n_visits)
    assert counts.macs == 6
    assert counts.sram_accesses == pytest.approx(3 * n_visits + 2 * 6 + 1)
    assert n_parameters(forest) == 6 * (3 + 4)


@pytest.mark.parametrize(
    "model",
    [
        GradientBoostingRegressor(n_estimators=5, max_leaf_nodes=4, random_state=0),
        HistGradientBoostingRegressor(max_iter=5, max_leaf_nodes=4, early_stopping=False),
    ],
)
def test_boosting_adds_up_leaves_and_a_constant(model):
    counts = EnergyModel().operations(model.fit(X, y))
    assert counts.macs == 5
    assert counts.comparisons == counts.index_reads > 5  # thresholds, no decision
    assert n_parameters(model) == 5 * (3 + 4) + 1


def test_boosting_from_zero():
    model = GradientBoostingRegressor(n_estimators=2, max_leaf_nodes=4, init="zero").fit(X, y)
    assert n_parameters(model) == 2 * (3 + 4)
    with pytest.raises(TypeError, match="init=LinearRegression"):
        EnergyModel().operations(
            GradientBoostingRegressor(n_estimators=2, init=LinearRegression()).fit(X, y)
        )
