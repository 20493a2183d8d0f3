"""Data of the tests of the regressor."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np
import pytest
from sklearn.datasets import load_diabetes, make_friedman1


@pytest.fixture(scope="session")
def diabetes():
    """Real, small and noisy."""
    return load_diabetes(return_X_y=True)


@pytest.fixture(scope="session")
def friedman():
    """Not linear; five of ten features count."""
    return make_friedman1(n_samples=500, noise=0.5, random_state=0)


@pytest.fixture(scope="session")
def three_targets(friedman):
    """Targets of very different scales."""
    X, y = friedman
    return X, np.column_stack([y, 1e5 + 2e3 * X[:, 3], -1e-3 * y])
