"""What tells one fit from another, in any process."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import datetime
import subprocess
import sys
from decimal import Decimal
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from scipy.stats import randint
from sklearn.datasets import load_iris
from sklearn.ensemble import RandomForestClassifier
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, fbeta_score, make_scorer
from sklearn.model_selection import KFold

from scann_sklearn import SchemeB
from scann_sklearn.images import Conv2d, ConvFrontEnd
from scann_sklearn.resume._identity import differences, identity_of, name_of
from tests.classifier._helpers import ROOT


def identity(value):
    return name_of(identity_of({"value": value}, "Can't:"))


def _with(share):
    def scaled(x):
        return share * x

    return scaled


MODULE = torch.nn.Linear(2, 1)
X, Y = load_iris(return_X_y=True)
DIFFERENT = [
    None,
    False,
    0,
    0.0,
    "0",
    b"0",
    [],
    (),
    {},
    [0],
    [0, [0]],
    [[0], 0],
    {"a": 1},
    {"a": [1]},
    {"b": 1},
    {1},
    np.zeros(2),
    np.zeros(2, np.float32),
    np.zeros((2, 1)),
    np.zeros((1, 2)),
    np.array(["a", 1], dtype=object),
    np.array(["a", pd.NA], dtype=object),
    np.array(["a", pd.NaT], dtype=object),
    np.datetime64("2026-01-01"),
    np.datetime64("2026-01-02"),
    pd.Timestamp("2026-01-01"),
    pd.Timestamp("2026-01-01", tz="UTC"),
    datetime.date(2026, 1, 1),
    datetime.timedelta(1),
    Decimal("1.1"),
    Decimal("1.10"),
    np.array(["a", "1"], dtype=object),
    sparse.csr_array(np.eye(3)),
    sparse.csr_array(np.eye(4)),
    accuracy_score,
    fbeta_score,
    LogisticRegression,
    LogisticRegression(),
    LogisticRegression(C=2),
    partial(fbeta_score, beta=2),
    partial(fbeta_score, beta=3),
    make_scorer(fbeta_score, beta=2),
    make_scorer(fbeta_score, beta=3),
    KFold(3),
    KFold(4),
    SchemeB(),
    SchemeB(epochs=3),
    ConvFrontEnd([Conv2d(3, 3)]),
    ConvFrontEnd([Conv2d(3, 2)]),
    randint(1, 4),
    randint(1, 5),
    np.random.RandomState(0),
    np.random.RandomState(1),
    np.random.default_rng(0),
    FrozenEstimator(LogisticRegression().fit(X[:, :1], Y > 0)),
    FrozenEstimator(LogisticRegression().fit(X[:, 1:2], Y > 0)),
    MODULE,
    torch.nn.Linear(2, 1),
    torch.nn.Sequential(MODULE),
    torch.nn.Sequential(MODULE, torch.nn.ReLU()),
    torch.nn.Dropout(0.1),
    torch.nn.Dropout(0.2),
]


def test_different_values_differ():
    found = [identity(value) for value in DIFFERENT]
    assert len(set(found)) == len(found)
    assert found == [identity(value) for value in DIFFERENT]


@given(arrays(np.float64, (3, 4)), st.integers(0, 11), st.floats())
def test_every_entry_counts(array, place, value):
    other = array.copy()
    other.ravel()[place] = value
    assert (identity(array) == identity(other)) == (array.tobytes() == other.tobytes())
    assert identity(array) == identity(np.asfortranarray(array)) == identity(array[::1])


def test_numbers_count_by_their_values():
    assert identity(np.int32(3)) == identity(3)
    assert identity(np.float64(0.1)) == identity(0.1)
    assert identity(np.str_("a")) == identity("a")
    assert identity({"a": 1, "b": 2}) == identity({"b": 2, "a": 1})


class Nameless:
    """An object without parameters."""

    def __call__(self, estimator, X, y):
        """A score."""
        return 0.0


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (lambda x: x, "value is a lambda"),
        ([1, lambda x: x], "value[1] is a lambda"),
        (_with(0.5), "value is the function '_with.<locals>.scaled', which reads variables"),
        (Nameless(), "value is an object of tests.resume.test_identity.Nameless"),
        (partial(Nameless(), 1), "value.func is an object of"),
        (RandomForestClassifier(class_weight={"a": Nameless()}), "value.class_weight['a'] is an"),
        (iter([1]), "value is an object of builtins.list_iterator"),
    ],
)
def test_what_has_no_name_is_refused_by_name(value, words):
    with pytest.raises(TypeError) as caught:
        identity(value)
    assert words in str(caught.value)


def test_what_contains_itself_is_refused():
    endless = []
    endless.append(endless)
    with pytest.raises(TypeError):
        identity(endless)


def test_differences_are_told():
    there, here = ({"a": v, "X": x} for v, x in ((1, np.zeros(2)), (2, np.ones(2))))
    words = differences(identity_of(there, ""), identity_of(here, ""))
    assert words == (
        "X was float64 of shape (2,) and is others, float64 of shape (2,); a was 1 and is 2"
    )
    assert differences(identity_of(here, ""), identity_of(here, "")) == ""


OTHER = """
from tests.resume.test_identity import *
forest = RandomForestClassifier(3, random_state=0).fit(X, Y)
values = [v for v in DIFFERENT if not isinstance(v, torch.nn.Module)]
print(identity([*values, FrozenEstimator(forest)]))
"""


def test_another_process_finds_the_same():
    # strings hash differently, and objects lie elsewhere
    there = subprocess.run(
        [sys.executable, "-c", OTHER], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    forest = RandomForestClassifier(3, random_state=0).fit(X, Y)
    values = [v for v in DIFFERENT if not isinstance(v, torch.nn.Module)]
    assert there.strip() == identity([*values, FrozenEstimator(forest)])
