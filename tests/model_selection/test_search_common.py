"""scikit-learn's own checks of an estimator."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pytest
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.utils.estimator_checks import parametrize_with_checks

from scann_sklearn import DimReducer
from scann_sklearn.model_selection import CompressionSearchCV

SEARCH = CompressionSearchCV(
    Pipeline(
        [
            ("reduce", DimReducer(random_state=0)),
            ("mlp", MLPClassifier((8,), solver="lbfgs", max_iter=50, random_state=0)),
        ]
    ),
    methods="pca",
    classifier="mlp",
    cv=2,
    error_score="raise",
)


# Random labels of the checks can't be learned in any number of iterations, and scikit-learn itself
# casts the infinite y of one check to integers before it refuses it.
@pytest.mark.filterwarnings("ignore:lbfgs failed to converge")
@pytest.mark.filterwarnings("ignore:invalid value encountered in cast:RuntimeWarning")
@parametrize_with_checks([SEARCH])
def test_scikit_learn_s_checks(estimator, check):
    check(estimator)
