"""Energies against hand-made counts."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pickle
import re
from dataclasses import FrozenInstanceError, replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, strategies as st
from sklearn import config_context
from sklearn.base import clone
from sklearn.datasets import load_digits, load_iris, make_multilabel_classification
from sklearn.decomposition import PCA
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import (
    FunctionTransformer,
    MaxAbsScaler,
    MinMaxScaler,
    RobustScaler,
    StandardScaler,
)
from sklearn.svm import SVR

from scann_sklearn import energy_score
from scann_sklearn.heads._classes import class_head
from scann_sklearn.metrics import EnergyModel, OperationCounts
from scann_sklearn.metrics._energy import stage_operations
from scann_sklearn.model._stages import Stage, dense_stage, network_stage

MAC, SRAM, COMPARISON = 11.8e-12, 34.6e-12, 6.16e-15
IRIS = load_iris(return_X_y=True)
BINARY = IRIS[0][:100], IRIS[1][:100]


def mlp(*layers, **others):
    others = {"solver": "lbfgs", "max_iter": 500, "random_state": 0, **others}
    return MLPClassifier(layers, **others)


def joules(macs, accesses, comparisons):
    return macs * MAC + accesses * SRAM + comparisons * COMPARISON


def test_the_paper_s_small_dense_product():
    # 4 inputs, 5 ReLUs, 3 classes: 20 + 15 connections, 5 + 3 neurons, 5 + 2 comparisons.
    energy = -energy_score(mlp(5).fit(*IRIS))
    assert energy == pytest.approx(joules(35, 2 * 35 + 8, 7), rel=1e-12)


def test_stages_are_counted_by_the_conventions_of_the_model():
    # Two stages, 12 and 5 connections onto 3 and 2 values, with 4 comparisons and 1 table read.
    stages = [dense_stage(4, 3, comparisons=3), Stage(3, 2, 5, comparisons=1, table_reads=1)]
    assert stage_operations(stages) == OperationCounts(
        macs=17, sram_accesses=2 * 17 + 5 + 1, comparisons=4
    )
    other = EnergyModel(accesses_per_connection=3, accesses_per_neuron=0.5)
    assert stage_operations(iter(stages), other) == OperationCounts(
        macs=17, sram_accesses=3 * 17 + 2.5 + 1, comparisons=4
    )
    assert stage_operations([]) == OperationCounts()


def test_two_classes_are_one_output_and_one_comparison():
    for classifier in (mlp(5), LogisticRegression()):
        counts = EnergyModel().operations(classifier.fit(*BINARY))
        hidden = 5 if isinstance(classifier, MLPClassifier) else 0
        macs = 4 * 5 + 5 if hidden else 4
        assert counts == OperationCounts(
            macs=macs, sram_accesses=2 * macs + hidden + 1, comparisons=hidden + 1
        )


def test_every_output_of_a_multilabel_network_is_a_decision():
    X, Y = make_multilabel_classification(60, n_features=6, n_classes=4, random_state=0)
    counts = EnergyModel().operations(mlp(5).fit(X, Y))
    assert counts == OperationCounts(macs=50, sram_accesses=109, comparisons=5 + 4)


@pytest.mark.parametrize(
    ("activation", "comparisons", "table_reads"),
    [("identity", 0, 0), ("relu", 6, 0), ("tanh", 0, 6), ("logistic", 0, 6)],
)
def test_activations(activation, comparisons, table_reads):
    counts = EnergyModel().operations(mlp(4, 2, activation=activation).fit(*IRIS))
    macs = 4 * 4 + 4 * 2 + 2 * 3
    assert counts == OperationCounts(
        macs=macs, sram_accesses=2 * macs + 9 + table_reads, comparisons=comparisons + 2
    )


def test_sparse_logistic_regression_counts_what_is_left():
    classifier = LogisticRegression(l1_ratio=1, C=0.2, solver="saga", max_iter=5000).fit(*IRIS)
    n_existing = np.count_nonzero(classifier.coef_)
    assert n_existing < 12
    assert EnergyModel().operations(classifier).macs == 12  # a dense matrix multiplies its zeros
    counts = EnergyModel().operations(classifier.sparsify())
    assert counts.macs == counts.index_reads == n_existing


@pytest.mark.parametrize(
    "scaler", [StandardScaler(), MinMaxScaler(), MaxAbsScaler(), RobustScaler()], ids=repr
)
def test_scalers_fold(scaler):
    plain = energy_score(LogisticRegression(max_iter=500).fit(*IRIS))
    last = LogisticRegression(max_iter=500)
    for pipe in (
        make_pipeline(scaler, last),
        make_pipeline(scaler, clone(scaler), last),
        make_pipeline(make_pipeline(scaler, "passthrough"), make_pipeline(None, last)),
    ):
        assert energy_score(pipe.fit(*IRIS)) == plain


def test_scalers_fold_on_both_sides_of_a_reduction():
    plain = make_pipeline(PCA(2), mlp(5)).fit(*IRIS)
    scaled = make_pipeline(MinMaxScaler(), PCA(2), StandardScaler(), mlp(5)).fit(*IRIS)
    counts = EnergyModel().operations(scaled)
    assert counts == EnergyModel().operations(plain)
    macs = 4 * 2 + 2 * 5 + 5 * 3
    assert counts == OperationCounts(macs=macs, sram_accesses=2 * macs + 10, comparisons=7)


def test_clipping_costs_comparisons():
    last = LogisticRegression(max_iter=500)
    free = EnergyModel().operations(make_pipeline(MinMaxScaler(), last).fit(*IRIS))
    clipped = EnergyModel().operations(make_pipeline(MinMaxScaler(clip=True), last).fit(*IRIS))
    assert clipped == free + OperationCounts(comparisons=8)


def test_a_scaler_alone_costs_a_mac_for_each_feature():
    counts = EnergyModel().operations(make_pipeline(StandardScaler(), RobustScaler()).fit(*IRIS))
    assert counts == OperationCounts(macs=4, sram_accesses=12)


def test_the_reduction_can_be_left_out():
    pipe = make_pipeline(StandardScaler(), PCA(2), mlp(5)).fit(*IRIS)
    network = EnergyModel(include_reduction=False)
    assert network.energy(pipe) == EnergyModel().energy(pipe[-1]) < EnergyModel().energy(pipe)


def test_searches_and_pipelines_of_any_depth():
    inner = make_pipeline(StandardScaler(), GridSearchCV(LogisticRegression(), {"C": [1, 2]}))
    search = GridSearchCV(Pipeline([("all", inner)]), {"all__gridsearchcv__cv": [2]}, cv=2)
    expected = energy_score(LogisticRegression(max_iter=500).fit(*IRIS))
    assert energy_score(search.fit(*IRIS)) == expected


def test_constants_and_conventions_are_arguments():
    classifier = mlp(5).fit(*IRIS)
    assert EnergyModel(mac=1, sram_access=0, comparison=0).energy(classifier) == 35
    assert EnergyModel(mac=0, sram_access=1, comparison=0).energy(classifier) == 78
    assert EnergyModel(mac=0, sram_access=0, comparison=1).energy(classifier) == 7
    model = EnergyModel(
        mac=0, sram_access=1, comparison=0, accesses_per_connection=4, accesses_per_neuron=3
    )
    assert model.energy(classifier) == 4 * 35 + 3 * 8


def test_index_reads_are_apart_unless_asked_for():
    counts = OperationCounts(macs=10, index_reads=10)
    model = EnergyModel(mac=0, sram_access=1, comparison=0)
    assert model.joules(counts) == 0
    assert replace(model, include_index_reads=True).joules(counts) == 10


def network_energy(n_connections, n_hidden, n_classes):
    stage = network_stage(n_connections, n_hidden, class_head(np.arange(n_classes)))
    return EnergyModel().joules(stage_operations([stage]))


def test_network_energy():
    # 300 connections, 20 hidden neurons, 10 classes; two classes: one output, one comparison.
    assert network_energy(300, 20, 10) == pytest.approx(joules(300, 630, 29), rel=1e-12)
    assert network_energy(300, 20, 2) == pytest.approx(joules(300, 621, 21), rel=1e-12)
    assert type(network_energy(np.int64(300), 20, 10)) is float


@given(n=st.integers(0, 10**6), more=st.integers(1, 1000), hidden=st.integers(0, 1000))
def test_energy_rises_with_connections_and_neurons(n, more, hidden):
    energy = network_energy(n, hidden, 5)
    assert network_energy(n + more, hidden, 5) > energy
    assert network_energy(n, hidden + more, 5) > energy
    assert network_energy(n, hidden, 5 + more) > energy


@given(sizes=st.lists(st.integers(1, 30), min_size=1, max_size=3), where=st.integers(0, 2))
def test_a_wider_layer_costs_more(sizes, where):
    layers = [4, *sizes, 3]

    def energy(layers):
        network = mlp(*layers[1:-1])
        network.coefs_ = [np.ones(shape) for shape in pairwise(layers)]
        network.out_activation_ = "softmax"
        return EnergyModel().energy(network)

    wider = list(layers)
    wider[1 + where % len(sizes)] += 1
    assert energy(wider) > energy(layers)


def test_scorer_in_a_search():
    X, y = load_digits(return_X_y=True)
    search = GridSearchCV(
        make_pipeline(MinMaxScaler(), PCA(random_state=0), LogisticRegression()),
        {"pca__n_components": [2, 8]},
        scoring={
            "accuracy": "accuracy",
            "energy": energy_score,
            "network": EnergyModel(include_reduction=False).score,
        },
        refit="accuracy",
        cv=2,
    ).fit(X[:400], y[:400])
    expected = [-joules(m, 2 * m + k + 10, 9) for k, m in ((2, 148), (8, 592))]
    np.testing.assert_allclose(search.cv_results_["mean_test_energy"], expected)
    assert (search.cv_results_["std_test_energy"] == 0).all()
    expected = [-joules(10 * k, 20 * k + 10, 9) for k in (2, 8)]
    np.testing.assert_allclose(search.cv_results_["mean_test_network"], expected)
    assert energy_score(search) == search.cv_results_["mean_test_energy"][search.best_index_]


@pytest.mark.parametrize("scorer", [energy_score, EnergyModel().score])
def test_scorers_ignore_sample_weight(scorer):
    grid = {"C": [0.01, 0.02]}
    for scoring in (scorer, {"accuracy": "accuracy", "energy": scorer}):
        refit = True if scoring is scorer else "energy"
        search = GridSearchCV(LogisticRegression(), grid, scoring=scoring, refit=refit, cv=2)
        search.fit(*IRIS, sample_weight=np.linspace(0, 1, 150))
        assert search.best_score_ == energy_score(search)


def test_scorers_go_with_metadata_routing():
    with config_context(enable_metadata_routing=True):
        search = GridSearchCV(
            LogisticRegression(max_iter=500).set_fit_request(sample_weight=True),
            {"C": [0.1, 1]},
            scoring={"energy": energy_score},
            refit="energy",
        ).fit(*IRIS, sample_weight=np.ones(150))
    assert search.best_score_ == energy_score(search)


@pytest.mark.parametrize(
    "estimator",
    [
        GaussianNB(),
        SVR(),
        make_pipeline(FunctionTransformer(np.sqrt), LogisticRegression(max_iter=500)),
        GridSearchCV(GaussianNB(), {"var_smoothing": [1e-9]}, cv=2),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_unknown_estimators(estimator):
    names = "SVR|GaussianNB|FunctionTransformer"
    with pytest.raises(TypeError, match=f"Can't count the operations of ({names})"):
        energy_score(estimator.fit(*IRIS))


def test_no_estimator():
    with pytest.raises(TypeError, match="operations of NoneType"):
        energy_score(None)


@pytest.mark.parametrize(
    "estimator",
    [
        mlp(5),
        LogisticRegression(),
        PCA(),
        StandardScaler(),
        make_pipeline(StandardScaler(), LogisticRegression()),
        GridSearchCV(LogisticRegression(), {"C": [1]}),
        GridSearchCV(LogisticRegression(max_iter=500), {"C": [1]}, refit=False).fit(*IRIS),
    ],
    ids=lambda estimator: type(estimator).__name__,
)
def test_unfitted(estimator):
    with pytest.raises(NotFittedError):
        energy_score(estimator)


@pytest.mark.parametrize("value", [-1, np.nan, np.inf, "1", None, True])
@pytest.mark.parametrize("name", ["mac", "sram_access", "comparison", "accesses_per_connection"])
def test_bad_constants(name, value):
    with pytest.raises(ValueError, match=f"{name} must be a finite number of at least 0, got"):
        EnergyModel(**{name: value})


def test_models_are_values():
    model = EnergyModel(mac=1e-12)
    assert pickle.loads(pickle.dumps(model)) == model != EnergyModel()
    assert pickle.loads(pickle.dumps(model.score)).__self__ == model
    with pytest.raises(FrozenInstanceError):
        model.mac = 2


def test_counts_add_up():
    counts = OperationCounts(macs=1, sram_accesses=2, comparisons=3, index_reads=4)
    assert counts + counts == OperationCounts(macs=2, sram_accesses=4, comparisons=6, index_reads=8)
    with pytest.raises(TypeError):
        counts + 1


@pytest.mark.parametrize("name", ["include_reduction", "include_index_reads"])
@pytest.mark.parametrize("value", ["no", "", 0, 1, None, [], 0.5])
def test_switches_are_true_or_false(name, value):
    with pytest.raises(
        ValueError, match=f"{name} must be True or False, got {re.escape(repr(value))}"
    ):
        EnergyModel(**{name: value})
    assert EnergyModel(**{name: np.True_}) == EnergyModel(**{name: True})


@pytest.mark.parametrize("value", [-1e-12, np.nan, np.inf, 10**400, True, "1", None, np.array(1.0)])
def test_constants_are_finite_numbers(value):
    for name in ("mac", "sram_access", "comparison", "accesses_per_neuron"):
        with pytest.raises(ValueError, match=f"{name} must be a finite number of at least 0"):
            EnergyModel(**{name: value})
