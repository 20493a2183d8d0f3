"""Decision trees and ensembles of them, against hand-made counts and against actual walks."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_digits, load_iris
from sklearn.decomposition import PCA
from sklearn.ensemble import (
    ExtraTreesClassifier,
    GradientBoostingClassifier,
    HistGradientBoostingClassifier,
    RandomForestClassifier,
)
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler, MinMaxScaler, RobustScaler, StandardScaler
from sklearn.tree import DecisionTreeClassifier, ExtraTreeClassifier

from scann_sklearn import DimReducer, energy_score
from scann_sklearn.metrics import (
    EnergyModel,
    OperationCounts,
    bytes_score,
    connections_score,
    flops,
    n_bytes,
    n_connections,
    n_parameters,
)

from ._compact import CompactForest, of_hist_boosting, of_trees

IRIS = load_iris(return_X_y=True)
BINARY = load_breast_cancer(return_X_y=True)
DIGITS = tuple(array[:500] for array in load_digits(return_X_y=True))
# Four samples on a line: the first inner node asks for x <= 1.5, the one on its right x <= 2.5.
LINE = np.arange(4.0)[:, None], [0, 0, 1, 2]

SINGLE = [
    DecisionTreeClassifier(random_state=0),
    DecisionTreeClassifier(max_leaf_nodes=9, class_weight="balanced", random_state=0),
    ExtraTreeClassifier(min_samples_leaf=3, random_state=0),
]
FORESTS = [
    RandomForestClassifier(7, random_state=0),
    RandomForestClassifier(5, max_leaf_nodes=12, class_weight="balanced_subsample", random_state=0),
    ExtraTreesClassifier(6, max_depth=3, random_state=0),
    ExtraTreesClassifier(3, min_samples_leaf=4, random_state=0),
    RandomForestClassifier(5, max_depth=1, bootstrap=False, random_state=0),
]
BOOSTING = [
    GradientBoostingClassifier(n_estimators=4, random_state=0),
    GradientBoostingClassifier(n_estimators=3, max_leaf_nodes=6, init="zero", random_state=0),
]
HIST = [HistGradientBoostingClassifier(max_iter=5, min_samples_leaf=5)]
ALL = [*SINGLE, *FORESTS, *BOOSTING, *HIST]


def data_sets(function):
    return pytest.mark.parametrize(
        "data", [IRIS, BINARY, DIGITS], ids=["iris", "binary", "digits"]
    )(function)


def estimators(which):
    return pytest.mark.parametrize("estimator", which, ids=lambda e: repr(e)[:60])


def test_a_tree_by_hand():
    tree = DecisionTreeClassifier(random_state=0).fit(*LINE)
    # All samples ask the first node, half of them the second; the leaf says the class.
    assert EnergyModel().operations(tree) == OperationCounts(
        macs=0, sram_accesses=3 * 1.5 + 1, comparisons=1.5, index_reads=1.5
    )
    assert -energy_score(tree) == pytest.approx(5.5 * 34.6e-12 + 1.5 * 6.16e-15, rel=1e-12)
    # Two nodes of a threshold, a feature and a child, three leaves of a class.
    assert n_bytes(tree) == 2 * (4 + 1 + 1) + 3
    assert n_bytes(tree, weight_bytes=1) == 2 * (1 + 1 + 1) + 3
    assert n_bytes(tree, bias_bytes=0) == n_bytes(tree)
    assert n_parameters(tree) == 2 + 3
    assert flops(tree) == 1.5


def test_the_path_follows_the_weights_of_samples():
    tree = DecisionTreeClassifier(random_state=0).fit(*LINE, sample_weight=[1, 1, 3, 5])
    assert tree.tree_.threshold[0] == 2.5
    assert EnergyModel().operations(tree).comparisons == pytest.approx(1 + 5 / 10)


def test_index_reads_as_for_sparse_networks():
    tree = DecisionTreeClassifier(random_state=0).fit(*LINE)
    model = EnergyModel(mac=0, sram_access=1, comparison=0, include_index_reads=True)
    assert model.energy(tree) == 4 * 1.5 + 1


def test_accesses_per_connection_are_those_of_additions():
    forest = RandomForestClassifier(2, bootstrap=False, random_state=0).fit(*LINE)
    # Two pure leaves, one vote each, and two additions for the last of three sums.
    model = EnergyModel(accesses_per_connection=5, accesses_per_neuron=7)
    assert model.operations(forest) == OperationCounts(
        macs=4, sram_accesses=3 * 3 + 5 * 4 + 7 * 3, comparisons=3 + 2, index_reads=3
    )


def test_a_forest_of_mixed_leaves_by_hand():
    forest = RandomForestClassifier(2, bootstrap=False, max_depth=1, random_state=0).fit(*LINE)
    # Left the class 0, right a distribution of two numbers for three classes; half go either way.
    assert EnergyModel().operations(forest) == OperationCounts(
        macs=3 + 2, sram_accesses=3 * 2 + 2 * 5 + 3, comparisons=2 + 2, index_reads=2 + 1
    )
    # Nodes, class numbers or indices of distributions, the distributions, where trees begin.
    assert n_bytes(forest) == 2 * (4 + 1 + 1) + 4 * 1 + 2 * 2 * 4 + 3
    assert n_parameters(forest) == 2 + 2 + 2 * 2
    assert flops(forest) == 2 + 5


def test_a_forest_of_two_classes_by_hand():
    X, y = LINE[0], [0, 1, 0, 1]
    forest = RandomForestClassifier(3, bootstrap=False, min_samples_leaf=2).fit(X, y)
    # No leaf is pure: each is one probability, and one sum is compared with half of the trees.
    assert n_bytes(forest) == 3 * 6 + 6 * 4 + 4
    assert EnergyModel().operations(forest) == OperationCounts(
        macs=3, sram_accesses=3 * 3 + 2 * 3 + 1, comparisons=3 + 1, index_reads=3
    )


@pytest.mark.parametrize("init", [None, "zero"])
def test_boosting_by_hand(init):
    X, y = np.arange(4.0)[:, None], [0, 0, 1, 1]
    boosting = GradientBoostingClassifier(n_estimators=3, max_depth=1, init=init).fit(X, y)
    assert EnergyModel().operations(boosting) == OperationCounts(
        macs=3, sram_accesses=3 * 3 + 2 * 3 + 1, comparisons=3 + 1, index_reads=3
    )
    n_constants = 1 if init is None else 0
    assert n_parameters(boosting) == 3 + 6 + n_constants
    assert n_bytes(boosting) == 3 * 6 + 6 * 4 + 4 + 4 * n_constants
    assert n_bytes(boosting, weight_bytes=1, bias_bytes=2) == 3 * 3 + 6 + 4 + 2 * n_constants


def test_boosting_of_three_classes():
    boosting = HistGradientBoostingClassifier(max_iter=2, max_leaf_nodes=2).fit(*IRIS)
    # Six stumps, three sums.
    assert EnergyModel().operations(boosting) == OperationCounts(
        macs=6, sram_accesses=3 * 6 + 2 * 6 + 3, comparisons=6 + 2, index_reads=6
    )
    assert n_bytes(boosting) == 6 * 6 + 12 * 4 + 7 + 3 * 4


def test_one_class_needs_no_work():
    tree = DecisionTreeClassifier().fit(LINE[0], [1, 1, 1, 1])
    assert EnergyModel().operations(tree) == OperationCounts(sram_accesses=1)
    assert n_bytes(tree) == 1
    forest = RandomForestClassifier(2).fit(LINE[0], [1, 1, 1, 1])
    assert EnergyModel().operations(forest) == OperationCounts()


def test_trees_in_more_than_256_features_or_nodes_have_wider_indices():
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(700, 257)), rng.permutation(700) % 2
    for n_features, width in ((256, 1), (257, 2)):
        stump = DecisionTreeClassifier(max_depth=1).fit(X[:, :n_features], y)
        assert n_bytes(stump) == 4 + width + 1 + 2
    for n_inner, width in ((256, 1), (257, 2)):
        tree = DecisionTreeClassifier(max_leaf_nodes=n_inner + 1).fit(X[:, :1], y)
        assert tree.get_n_leaves() == n_inner + 1
        assert n_bytes(tree) == n_inner * (4 + 1 + width) + n_inner + 1


@data_sets
@estimators(SINGLE)
def test_the_expected_path_is_the_mean_of_the_training_samples(estimator, data):
    X, y = data
    tree = clone(estimator).fit(X, y)
    n_visits = tree.decision_path(X).sum(axis=1).A1 - 1  # the leaf is part of the path
    weights = np.ones(len(y))
    if tree.class_weight:
        weights = (1 / np.bincount(y))[y]
    expected = np.average(n_visits, weights=weights)
    assert EnergyModel().operations(tree).comparisons == pytest.approx(expected)


@data_sets
def test_the_expected_path_of_a_forest_follows_its_bootstrap(data):
    X, y = data
    forest = RandomForestClassifier(5, random_state=0).fit(X, y)
    expected = sum(
        (tree.decision_path(X[drawn].astype(np.float32)).sum(axis=1) - 1).mean()
        for tree, drawn in zip(forest.estimators_, forest.estimators_samples_)
    )
    counts = EnergyModel().operations(forest)
    assert counts.comparisons == pytest.approx(expected + forest.n_classes_ - 1)


@data_sets
@estimators(FORESTS)
def test_a_forest_is_its_trees_and_their_votes(estimator, data):
    forest = clone(estimator).fit(*data)
    trees = [EnergyModel().operations(tree) for tree in forest.estimators_]
    n_visits = sum(counts.comparisons for counts in trees)
    counts = EnergyModel().operations(forest)
    n_sums = forest.n_classes_ if forest.n_classes_ > 2 else 1
    assert counts.comparisons == pytest.approx(n_visits + forest.n_classes_ - 1)
    assert counts.sram_accesses == pytest.approx(3 * n_visits + 2 * counts.macs + n_sums)
    assert 0 <= counts.index_reads - n_visits <= len(trees)
    assert flops(forest) == pytest.approx(n_visits + counts.macs)


@data_sets
@estimators(SINGLE)
def test_a_tree_stored_and_walked(estimator, data):
    X, y = data
    tree = clone(estimator).fit(X, y)
    compact = of_trees([tree], X.shape[1])
    labels = tree.tree_.value[[node for _, node in compact.leaves], 0].argmax(axis=1)
    labels = labels.astype(np.uint8)
    X = X.astype(np.float32)
    np.testing.assert_array_equal([labels[compact.walk(0, x)] for x in X], tree.predict(X))
    assert n_bytes(tree) == compact.nbytes + labels.nbytes
    if tree.class_weight is None:
        n_visits = compact.reads["nodes"] / len(X)
        assert EnergyModel().operations(tree).comparisons == pytest.approx(n_visits)


@data_sets
@estimators(FORESTS)
def test_a_forest_stored_and_walked(estimator, data):
    X, y = data
    forest = clone(estimator).fit(X, y)
    compact = CompactForest(forest)
    assert n_bytes(forest) == compact.nbytes
    X = X.astype(np.float32)
    predicted = [compact.predict(x) for x in X]
    probabilities = forest.predict_proba(X)
    chosen = probabilities[np.arange(len(X)), predicted]
    np.testing.assert_allclose(chosen, probabilities.max(axis=1), atol=1e-6)  # ties
    if not forest.bootstrap:  # every tree has seen every sample once
        counts, reads = EnergyModel().operations(forest), compact.trees.reads
        assert counts.macs == pytest.approx(reads["additions"] / len(X))
        n_reads = reads["nodes"] + reads["distributions"]
        assert counts.index_reads == pytest.approx(n_reads / len(X))


def test_forests_are_stored_in_both_ways():
    ways = [CompactForest(clone(forest).fit(*IRIS)).labels is None for forest in FORESTS]
    ways += [CompactForest(clone(forest).fit(*BINARY)).labels is None for forest in FORESTS]
    assert set(ways) == {True, False}


@pytest.mark.parametrize(("n_mixed", "width"), [(252, 1), (253, 2)])
def test_indices_of_distributions_follow_the_class_numbers(n_mixed, width):
    # Four classes and 252 leaves that mix two of them: the largest of these numbers is 255.
    X = np.append(np.repeat(np.arange(n_mixed), 2), n_mixed + np.arange(100))[:, None]
    y = np.append(np.tile([0, 1], n_mixed), np.tile([2, 3], 50))
    forest = RandomForestClassifier(1, bootstrap=False, random_state=0).fit(X, y)
    n_inner = n_mixed + 99
    assert forest.estimators_[0].get_n_leaves() == n_inner + 1
    expected = n_inner * (4 + 1 + 2) + (n_inner + 1) * width + n_mixed * 3 * 4
    assert n_bytes(forest) == CompactForest(forest).nbytes == expected


@data_sets
@estimators([*BOOSTING, *HIST])
def test_boosting_stored_and_walked(estimator, data):
    X, y = data[0].astype(np.float32), data[1]
    boosting = clone(estimator).fit(X, y)
    if isinstance(boosting, HistGradientBoostingClassifier):
        compact = of_hist_boosting(boosting)
        n_outputs = boosting.n_trees_per_iteration_
    else:
        compact = of_trees(boosting.estimators_.ravel(), X.shape[1])
        n_outputs = boosting.estimators_.shape[1]
    for x in X:
        for tree in range(compact.n_trees):
            compact.walk(tree, x)
    counts = EnergyModel().operations(boosting)
    assert counts.index_reads == pytest.approx(compact.reads["nodes"] / len(X))
    assert counts.macs == compact.n_trees
    n_constants = 0 if boosting.get_params().get("init") == "zero" else n_outputs
    assert n_bytes(boosting) == compact.nbytes + 4 * (len(compact.leaves) + n_constants)


@settings(max_examples=50, deadline=None)
@given(
    n_samples=st.integers(2, 60),
    n_features=st.integers(1, 5),
    n_classes=st.integers(1, 5),
    max_leaf_nodes=st.integers(2, 20),
    seed=st.integers(0, 10**6),
)
def test_random_trees(n_samples, n_features, n_classes, max_leaf_nodes, seed):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_samples, n_features)).astype(np.float32)
    y = rng.integers(n_classes, size=n_samples)
    weights = rng.uniform(0.1, 3, size=n_samples)
    tree = DecisionTreeClassifier(max_leaf_nodes=max_leaf_nodes, random_state=0)
    tree.fit(X, y, sample_weight=weights)
    counts = EnergyModel().operations(tree)
    walked = np.average(tree.decision_path(X).sum(axis=1).A1 - 1, weights=weights)
    assert counts.comparisons == pytest.approx(walked)
    assert counts.comparisons <= tree.get_depth()
    larger = clone(tree).set_params(max_leaf_nodes=max_leaf_nodes + 1)
    larger.fit(X, y, sample_weight=weights)
    assert n_bytes(larger) >= n_bytes(tree)
    assert n_parameters(tree) == 2 * tree.get_n_leaves() - 1


@settings(max_examples=25, deadline=None)
@given(n_trees=st.integers(1, 6), more=st.integers(1, 3), seed=st.integers(0, 10**6))
def test_more_trees_cost_more(n_trees, more, seed):
    few = ExtraTreesClassifier(n_trees, random_state=seed).fit(*IRIS)
    many = ExtraTreesClassifier(n_trees + more, random_state=seed).fit(*IRIS)
    for meter in (energy_score, bytes_score):
        assert meter(many) < meter(few)


@pytest.mark.parametrize(
    "scaler",
    [
        StandardScaler(),
        MinMaxScaler(),
        MinMaxScaler(clip=True),
        MaxAbsScaler(),
        RobustScaler(),
        DimReducer("passthrough"),
        make_pipeline(MinMaxScaler(clip=True), StandardScaler(), MinMaxScaler(clip=True)),
    ],
    ids=lambda scaler: repr(scaler)[:40],
)
@estimators([SINGLE[0], FORESTS[0], BOOSTING[0], HIST[0]])
def test_scalers_fold_into_thresholds(scaler, estimator):
    pipe = make_pipeline(clone(scaler), clone(estimator)).fit(*IRIS)
    assert EnergyModel().operations(pipe) == EnergyModel().operations(pipe[-1])
    assert n_bytes(pipe) == n_bytes(pipe[-1])


def test_a_clipped_scaling_really_is_a_matter_of_thresholds():
    X, y = IRIS
    inside = (np.quantile(X, 0.1, axis=0) < X).all(axis=1)
    scaler = MinMaxScaler(clip=True).fit(X[inside])
    tree = DecisionTreeClassifier(random_state=0).fit(scaler.transform(X), y)
    scaled = scaler.transform(X)
    assert (scaled == 0).sum() > 10  # it does clip
    kept = tree.tree_
    is_inner = kept.children_left >= 0
    raw = kept.threshold.copy()
    place = kept.feature[is_inner]
    raw[is_inner] = (raw[is_inner] - scaler.min_[place]) / scaler.scale_[place]
    nodes = np.zeros(len(X), int)
    while is_inner[nodes].any():
        goes_left = X[np.arange(len(X)), kept.feature[nodes]] <= raw[nodes]
        following = np.where(goes_left, kept.children_left[nodes], kept.children_right[nodes])
        nodes = np.where(is_inner[nodes], following, nodes)
    np.testing.assert_array_equal(nodes, tree.apply(scaled))


def test_clipping_ahead_of_a_network_still_costs():
    last = LogisticRegression(max_iter=500)
    clipped = make_pipeline(MinMaxScaler(clip=True), StandardScaler(), last).fit(*IRIS)
    assert EnergyModel().operations(clipped).comparisons == 2 + 8


def test_a_reduction_ahead_of_trees():
    pipe = make_pipeline(StandardScaler(), PCA(2), MinMaxScaler(clip=True), clone(FORESTS[0]))
    pipe.fit(*IRIS)
    model = EnergyModel()
    reduction = OperationCounts(macs=8, sram_accesses=18)
    expected = model.operations(pipe[-1]) + reduction
    counts = model.operations(pipe)
    assert (counts.macs, counts.comparisons) == (expected.macs, expected.comparisons)
    assert counts.sram_accesses == pytest.approx(expected.sram_accesses)
    assert EnergyModel(include_reduction=False).energy(pipe) == model.energy(pipe[-1])
    assert n_bytes(pipe) == n_bytes(pipe[-1]) + 4 * (8 + 2)
    assert n_bytes(pipe, include_reduction=False) == n_bytes(pipe[-1])
    assert flops(pipe) == pytest.approx(flops(pipe[-1]) + 16)


@estimators(ALL)
def test_scorers_in_a_search(estimator):
    name = next(
        name for name in ("max_iter", "n_estimators", "max_depth") if name in estimator.get_params()
    )
    search = GridSearchCV(
        make_pipeline(StandardScaler(), clone(estimator)),
        {f"{type(estimator).__name__.lower()}__{name}": [2, 3]},
        scoring={"accuracy": "accuracy", "energy": energy_score, "bytes": bytes_score},
        refit="accuracy",
        cv=2,
    ).fit(*IRIS)
    assert (search.cv_results_["mean_test_energy"] < 0).all()
    assert energy_score(search) == energy_score(search.best_estimator_[-1])
    assert bytes_score(search) == -n_bytes(search.best_estimator_)


@estimators(ALL)
def test_trees_have_no_connections(estimator):
    fitted = clone(estimator).fit(*IRIS)
    name = type(estimator).__name__
    for meter in (n_connections, connections_score):
        with pytest.raises(TypeError, match=f"Can't count the connections of {name}: {name}"):
            meter(fitted)
    with pytest.raises(TypeError, match="(?s)connections of Pipeline.* Decision trees have none"):
        n_connections(make_pipeline(PCA(2), clone(estimator)).fit(*IRIS))


@estimators(ALL)
def test_unfitted(estimator):
    for meter in (energy_score, n_bytes, n_parameters, n_connections, flops):
        with pytest.raises(NotFittedError):
            meter(clone(estimator))


@estimators([*SINGLE[::2], FORESTS[0], FORESTS[2]])
def test_several_outputs_are_refused(estimator):
    X, y = IRIS
    fitted = clone(estimator).fit(X, np.column_stack([y, y == 1]))
    with pytest.raises(TypeError, match=f"of {type(estimator).__name__} with 2 outputs"):
        energy_score(fitted)


def test_categorical_splits_are_refused():
    rng = np.random.default_rng(0)
    X = np.column_stack([rng.integers(4, size=200), rng.normal(size=200)])
    y = X[:, 0] % 2 == 0
    boosting = HistGradientBoostingClassifier(max_iter=2, categorical_features=[0])
    with pytest.raises(TypeError, match="with categorical splits.*categorical_features=None"):
        n_bytes(boosting.fit(X, y))
    # A categorical feature that no tree asks for does no harm.
    assert n_bytes(boosting.fit(X, X[:, 1] > 0)) > 0


def test_boosting_that_starts_from_another_estimator_is_refused():
    boosting = GradientBoostingClassifier(n_estimators=1, init=LogisticRegression(max_iter=500))
    with pytest.raises(TypeError, match=r"with init=LogisticRegression\(max_iter=500\): known"):
        energy_score(boosting.fit(*IRIS))
