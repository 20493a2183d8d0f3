"""scikit-learn's own checks of the searches."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pytest
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from scann_sklearn import DimReducer
from scann_sklearn.model_selection import CompressionSearchCV, STEERAGESearchCV
from tests.classifier._helpers import short

SEARCH = CompressionSearchCV(
    Pipeline([("reduce", DimReducer(random_state=0)), ("scann", short(n_connections=40))]),
    methods="pca",
    hidden_layer_sizes=10,
    cv=2,
    error_score="raise",
)
STEERAGE = STEERAGESearchCV(
    Pipeline([("reduce", DimReducer("passthrough")), ("scann", short())]),
    {"scann__hidden_layer_sizes": [(5,), (10,)], "scann__n_connections": [40, 50, 60]},
    n_iter=3,
    n_initial=1,
    n_local=1,
    cv=2,
    error_score="raise",
    random_state=0,
)


# scikit-learn itself casts the infinite y of one check to integers before it refuses it.
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@parametrize_with_checks([SEARCH, STEERAGE])
def test_scikit_learn_s_checks(estimator, check):
    check(estimator)
