"""scikit-learn's own checks of an estimator."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pytest
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from scann_sklearn import DimReducer
from scann_sklearn.model_selection import CompressionSearchCV
from tests.classifier._helpers import short

SEARCH = CompressionSearchCV(
    Pipeline([("reduce", DimReducer(random_state=0)), ("scann", short(n_connections=40))]),
    methods="pca",
    hidden_layer_sizes=10,
    cv=2,
    error_score="raise",
)


# scikit-learn itself casts the infinite y of one check to integers before it refuses it.
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@parametrize_with_checks([SEARCH])
def test_scikit_learn_s_checks(estimator, check):
    check(estimator)
