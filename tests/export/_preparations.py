"""Steps ahead of a network that fill in, encode and select, and a table that needs them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
from sklearn.compose import ColumnTransformer, make_column_transformer
from sklearn.datasets import load_wine
from sklearn.decomposition import PCA
from sklearn.feature_selection import SelectKBest
from sklearn.impute import MissingIndicator, SimpleImputer
from sklearn.pipeline import FeatureUnion, make_pipeline
from sklearn.preprocessing import (
    MinMaxScaler,
    OneHotEncoder,
    OrdinalEncoder,
    RobustScaler,
    StandardScaler,
)

N_NUMBERS = 8


def wine_with_gaps():
    """Measurements of wine, a tenth of them missing, and two of them as categories."""
    X, y = load_wine(return_X_y=True)
    rng = np.random.default_rng(0)
    X[:, N_NUMBERS] = np.digitize(X[:, N_NUMBERS], [1, 1.5, 2]) * 3 - 2
    X[:, N_NUMBERS + 1] = np.digitize(X[:, N_NUMBERS + 1], [3, 5, 8]) / 10  # no whole numbers
    X = X[:, : N_NUMBERS + 2]
    X[rng.random(X.shape) < 0.1] = np.nan
    return X, y


def one_hot(**parameters):
    """An encoder that takes what it has not seen, and returns no sparse matrix."""
    return OneHotEncoder(**{"sparse_output": False, "handle_unknown": "ignore"} | parameters)


NUMBERS, FIRST, SECOND = list(range(N_NUMBERS)), [N_NUMBERS], [N_NUMBERS + 1]
NUMERIC = make_pipeline(SimpleImputer(), StandardScaler())
PREPARATIONS = {
    "all columns": SimpleImputer(strategy="median"),
    "scaled before": make_pipeline(RobustScaler(), SimpleImputer(), PCA(5)),
    "with indicators": make_pipeline(SimpleImputer(strategy="mean", add_indicator=True)),
    "indicators alone": FeatureUnion([("a", NUMERIC), ("b", MissingIndicator(features="all"))]),
    "constant": make_pipeline(
        SimpleImputer(strategy="constant", fill_value=-1), MinMaxScaler(), SelectKBest(k=6)
    ),
    "filled in twice": make_pipeline(SimpleImputer(strategy="most_frequent"), SimpleImputer()),
    "categories": make_column_transformer(
        (NUMERIC, NUMBERS), (one_hot(), FIRST + SECOND), remainder="drop"
    ),
    "filled in categories": make_column_transformer(
        (make_pipeline(SimpleImputer(strategy="most_frequent"), one_hot()), FIRST + SECOND),
        remainder=NUMERIC,
    ),
    "rare categories": make_column_transformer(
        (one_hot(min_frequency=0.25, handle_unknown="infrequent_if_exist"), FIRST + SECOND),
        (SimpleImputer(), slice(0, 4)),
    ),
    "at most two categories": make_column_transformer(
        (one_hot(max_categories=2), FIRST), (one_hot(drop="first"), SECOND), (NUMERIC, NUMBERS)
    ),
    "all but a category": make_column_transformer(
        (one_hot(drop="if_binary"), FIRST + SECOND), remainder=SimpleImputer()
    ),
    "codes": make_column_transformer(
        (
            OrdinalEncoder(
                handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2
            ),
            FIRST + SECOND,
        ),
        (NUMERIC, [True] * N_NUMBERS + [False] * 2),
    ),
    "weights": ColumnTransformer(
        [("a", NUMERIC, [0, 1, -3]), ("b", one_hot(), FIRST), ("c", "drop", [4])],
        transformer_weights={"a": 0.5, "b": 2},
        remainder=make_pipeline(SimpleImputer(), PCA(2)),
    ),
    "a feature twice": make_column_transformer(
        (NUMERIC, [0, 1]), (make_pipeline(SimpleImputer(strategy="median"), PCA(1)), [1, 0])
    ),
}
