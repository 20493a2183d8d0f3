"""The timed fits run on real data; how fast they are is for `benchmarks.speed` to say."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from benchmarks.speed import training


def test_epochs_are_timed_on_standardised_pendigits(pendigits):
    X, y = training._pendigits()
    assert X.shape == (np.sum(pendigits.split != "test"), 16)
    assert X.dtype == np.float32
    np.testing.assert_allclose(X.mean(axis=0), 0, atol=1e-4)
    few = X[:1000], y[:1000]
    # slopes between two lengths: compilation may fall into the shorter one
    assert np.isfinite(training.epoch_of_mlp(*few, few=1, many=4))
    assert np.isfinite(training.epoch_of_fit(*few, 200, few=1, many=11))
