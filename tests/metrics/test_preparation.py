"""Energy and size of steps that select, fill in and encode."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import FunctionTransformer, OneHotEncoder, OrdinalEncoder, StandardScaler

from scann_sklearn.metrics import EnergyModel, n_bytes, n_connections, n_parameters
from tests.classifier._helpers import short

N = 178
LINEAR = LogisticRegression(max_iter=20, tol=1)


@pytest.fixture(scope="module")
def wine():
    """With a category in place of the first feature: 0, 1 or 2, and some missing values."""
    X, y = load_wine(return_X_y=True)
    X[:, 0] = np.digitize(X[:, 0], [12.5, 13.5])
    X[::9, 1] = np.nan
    return X, y


def comparisons(steps, data):
    """How many the steps add to those of a linear model behind them."""
    model = make_pipeline(*steps, LINEAR).fit(*data)
    return (
        EnergyModel().operations(model).comparisons
        - EnergyModel().operations(model[-1]).comparisons
    )


@pytest.mark.parametrize(
    ("step", "n"),
    [
        (SimpleImputer(), 13),
        (SimpleImputer(add_indicator=True), 14),
        (make_pipeline(SimpleImputer(), SelectKBest(k=4)), 4),
        (make_pipeline(SelectKBest(k=4), FunctionTransformer()), 0),
        (FeatureUnion([("a", SimpleImputer()), ("b", MissingIndicator(features="all"))]), 26),
        (make_column_transformer((OneHotEncoder(sparse_output=False), [0])), 3),
        (make_column_transformer((OneHotEncoder(drop="first", sparse_output=False), [0])), 2),
        (make_column_transformer((OneHotEncoder(max_categories=2, sparse_output=False), [0])), 2),
        (make_column_transformer((OrdinalEncoder(), [0]), remainder="passthrough"), 3),
        (make_column_transformer((SimpleImputer(), [1, 2]), (StandardScaler(), [3, 4])), 2),
    ],
)  # fmt: skip
def test_one_comparison_for_each_feature_that_is_filled_in_or_encoded(wine, step, n):
    X, y = wine
    has_imputer = "Imputer" in repr(step)
    data = (X if has_imputer else np.nan_to_num(X), y)
    assert comparisons([step], data) == n


def test_a_comparison_reads_its_constant_and_stores_it(wine):
    imputed = make_pipeline(SimpleImputer(), StandardScaler(), LINEAR)
    imputed.fit(*wine)
    model, alone = EnergyModel(), imputed[-1]
    difference = model.operations(imputed).sram_accesses - model.operations(alone).sram_accesses
    assert difference == 13
    assert n_parameters(imputed) - n_parameters(alone) == 13
    assert n_bytes(imputed) - n_bytes(alone) == 4 * 13
    assert n_connections(imputed) == n_connections(alone)
    network_only = EnergyModel(include_reduction=False)
    assert network_only.operations(imputed) == network_only.operations(alone)


def test_only_what_a_network_reads_counts(wine):
    X, y = wine
    transformer = make_column_transformer(
        (make_pipeline(SimpleImputer(), StandardScaler()), list(range(1, 13))),
        (OneHotEncoder(sparse_output=False), [0]),
    )
    model = make_pipeline(transformer, short(n_connections=8)).fit(X, y)
    extra = EnergyModel().operations(model).comparisons
    extra -= EnergyModel().operations(model[-1]).comparisons
    assert extra == model[-1].get_support().sum() < 15
    selected = make_pipeline(StandardScaler(), SelectKBest(k=5), short()).fit(np.nan_to_num(X), y)
    assert EnergyModel().operations(selected) == EnergyModel().operations(selected[-1])


def test_a_branch_that_nothing_reads_costs_nothing(wine):
    X, y = np.nan_to_num(wine[0]), wine[1]
    noise = np.random.default_rng(0).normal(size=(N, 4))
    transformer = make_column_transformer((StandardScaler(), slice(0, 13)), (PCA(2), slice(13, 17)))
    model = make_pipeline(transformer, SelectKBest(k=3), short()).fit(np.hstack([X, noise]), y)
    assert not model[1].get_support()[13:].any()
    assert n_connections(model) == model[-1].n_connections_
    read = make_pipeline(make_column_transformer((PCA(2), slice(0, 13))), short()).fit(X, y)
    assert n_connections(read) == read[-1].n_connections_ + 26


def test_a_function_is_not_known(wine):
    model = make_pipeline(FunctionTransformer(np.nan_to_num), LINEAR)
    with pytest.raises(TypeError, match="operations of FunctionTransformer"):
        n_connections(model.fit(*wine))
