"""Warnings about networks that a user would not have chosen with open eyes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import re
import warnings

import numpy as np
import pytest
from sklearn.datasets import make_classification

from scann_sklearn import SCANNClassifier

from ._helpers import short


def test_a_tight_bound_names_one_that_is_not(digits):
    with pytest.warns(UserWarning, match=r"^n_connections=12 is tight for these data") as caught:
        clf = short(n_connections=12).fit(*digits)
    assert caught[0].filename == __file__
    larger = int(re.search(r"select\(n_connections=(\d+)\)", str(caught[0].message))[1])
    assert larger > 12
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        again = short(n_connections=larger).fit(*digits)
    assert again.validation_score_ > clf.validation_score_ + 0.2
    assert clf.select(n_connections=larger).n_connections_ == larger


def test_classes_that_are_never_predicted_are_named():
    # nothing tells the classes apart: the more frequent one is the best guess
    X = np.random.default_rng(0).normal(size=(400, 3))
    y = np.where(np.arange(400) % 10 == 0, "rare", "common")
    with pytest.warns(
        UserWarning, match=r"never predicts 1 of 2 classes .*: 'rare'\. class_weight"
    ):
        short(n_connections=4).fit(X, y)


def test_a_rare_class_is_worth_connections():
    """One per cent of the samples: within max_loss of accuracy were a constant."""
    X, y = make_classification(
        4000, 10, n_informative=6, weights=[0.97], flip_y=0, class_sep=2, random_state=3
    )
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        clf = SCANNClassifier(random_state=0).fit(X, y)
    assert clf.score_unit_ < 0.05
    assert clf.predict(X)[y == 1].mean() > 0.6
