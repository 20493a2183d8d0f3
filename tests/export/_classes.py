"""Classes of a model and of what was made of it, where rounding can't decide between two."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np


def assert_same_classes(found, model, X):
    """As `predict`, but for the few rows whose two best probabilities are equal up to float32."""
    least, best = np.sort(model.predict_proba(X), axis=1)[:, -2:].T
    clear = best - least > 1e-4
    assert clear.mean() > 0.99
    np.testing.assert_array_equal(np.asarray(found)[clear], model.predict(X)[clear])
