"""Data of the tests of the classifier."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pytest
from sklearn.datasets import load_breast_cancer, load_digits, load_iris, load_wine

from tests.classifier._helpers import short


@pytest.fixture(scope="session")
def iris():
    """150 flowers, 4 features, 3 classes."""
    return load_iris(return_X_y=True)


@pytest.fixture(scope="session")
def wine():
    """178 wines, 13 features of very different scales, 3 classes."""
    return load_wine(return_X_y=True)


@pytest.fixture(scope="session")
def cancer():
    """569 tumours, 30 features, 2 classes."""
    return load_breast_cancer(return_X_y=True)


@pytest.fixture(scope="session")
def digits():
    """1797 images, 64 features, 10 classes."""
    return load_digits(return_X_y=True)


@pytest.fixture(scope="session")
def fitted_iris(iris):
    """A fitted classifier of three classes, not to be changed."""
    return short().fit(*iris)


@pytest.fixture(scope="session")
def fitted_cancer(cancer):
    """A fitted classifier of two classes, not to be changed."""
    return short().fit(*cancer)
