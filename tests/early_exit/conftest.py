"""Data, and one fitted classifier for the tests that only look at it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import pytest
from sklearn.datasets import load_breast_cancer, load_digits
from sklearn.model_selection import train_test_split

from ._helpers import short


@pytest.fixture(scope="session")
def digits():
    """Training and test part: X_train, X_test, y_train, y_test."""
    return train_test_split(*load_digits(return_X_y=True), random_state=0)


@pytest.fixture(scope="session")
def cancer():
    """Two classes: X_train, X_test, y_train, y_test."""
    return train_test_split(*load_breast_cancer(return_X_y=True), random_state=0)


@pytest.fixture(scope="session")
def fitted(digits):
    """A classifier of the digits, some of which need all exits."""
    return short(section_ratio=6, n_connections="auto", distillation=0.5).fit(digits[0], digits[2])
