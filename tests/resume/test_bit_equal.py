"""A fit that was interrupted goes on to the network of one that wasn't, bit by bit."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import random
from functools import cache

import pytest

from tests.classifier._callbacks import Callback, Interrupt

from ._fits import FITS, fingerprint, make


class Counting(Callback):
    """Counts epochs, those of folds too."""

    @property
    def n_epochs(self):
        return self.ended.count("epoch")


@cache
def whole(name):
    """Fingerprint and number of epochs of a fit that nobody interrupts."""
    estimator, X, y = make(name)
    counting = Counting()
    estimator.set_callbacks(counting).fit(X, y)
    return fingerprint(estimator), counting.n_epochs


def interrupted(name, folder, at):
    """Interrupt a fit in an epoch; whether there was something to interrupt."""
    estimator, X, y = make(name, checkpoint=folder)
    try:
        estimator.set_callbacks(Interrupt(at)).fit(X, y)
    except KeyboardInterrupt:
        return True
    assert fingerprint(estimator) == whole(name)[0]
    return False


@pytest.mark.parametrize("name", FITS)
def test_interrupted_in_any_epoch(name, tmp_path):
    expected, n_epochs = whole(name)
    first, second = random.Random(name).uniform(0.1, 0.9), random.Random(name).uniform(0.05, 0.5)
    assert interrupted(name, tmp_path, max(1, round(first * n_epochs)))
    interrupted(name, tmp_path, max(1, round(second * n_epochs)))  # goes on from the first
    estimator, X, y = make(name, checkpoint=tmp_path)
    assert fingerprint(estimator.fit(X, y)) == expected
    assert list(tmp_path.iterdir()) == []


def test_the_sweep_goes_on_in_later_rounds(tmp_path):
    # lest the tests above should pass as nothing was kept
    for name in ("B", "C folds"):
        n_epochs = whole(name)[1]
        assert interrupted(name, tmp_path, round(0.7 * n_epochs))
        estimator, X, y = make(name, checkpoint=tmp_path)
        counting = Counting()
        estimator.set_callbacks(counting).fit(X, y)
        assert counting.n_epochs < 0.5 * n_epochs
        assert fingerprint(estimator) == whole(name)[0]
