"""Data on which a default fit has to work without a thought, and others of their kind."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

import numpy as np
from sklearn.datasets import (
    load_breast_cancer,
    load_digits,
    load_iris,
    load_wine,
    make_classification,
)
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.metrics import accuracy_score, recall_score
from sklearn.model_selection import StratifiedKFold, train_test_split

from scann_sklearn import datasets

N_MESSAGES = 1500


class Case(NamedTuple):
    """A data set, how it is split and what is asked of the fit.

    Parameters
    ----------
    title : str
        For readers.
    load : callable
        Returns X and y; raises `OSError` or `AttributeError` where it can't be had.
    split : callable
        Of X, y and a seed: pairs of training and test data, each of them X and y.
    measure : {"accuracy", "recall of the rare class"}, default="accuracy"
        What is measured on test data.
    goal : float, default=None
        The least median over seeds. None: reported only.
    below : int, default=None
        Number of connections that the median has to be below.
    """

    title: str
    load: Callable
    split: Callable
    measure: str = "accuracy"
    goal: float | None = None
    below: int | None = None

    def score(self, y, predicted):
        """Accuracy, or the recall of class 1."""
        return float((accuracy_score if self.measure == "accuracy" else recall_score)(y, predicted))


def rare(weight=0.99, random_state=0):
    """20000 samples of two classes, of which one is rare."""
    return make_classification(
        20000, 20, n_informative=10, weights=[weight], flip_y=0.002, random_state=random_state
    )


def wide(n_classes=3, random_state=2):
    """500 samples of 2000 features, of which 45 say something; float32."""
    X, y = make_classification(
        500, 2000, n_informative=15, n_redundant=30, n_classes=n_classes, class_sep=2,
        random_state=random_state,
    )  # fmt: skip
    return X.astype(np.float32), y


def messages(seed=0):
    """Random messages of the SMS Spam Collection, as texts."""
    fetch = getattr(datasets, "fetch_sms_spam", None)
    if fetch is None:
        raise AttributeError("scann_sklearn.datasets has no fetch_sms_spam")
    bunch = fetch()
    rows = np.random.default_rng(seed).choice(len(bunch.target), N_MESSAGES, replace=False)
    return np.asarray(bunch.data, dtype=object)[rows], np.asarray(bunch.target)[rows]


def once(X, y, seed, share):
    """A share of the rows for testing, stratified."""
    X_train, X_test, y_train, y_test = train_test_split(
        X, y, test_size=share, stratify=y, random_state=seed
    )
    return [((X_train, y_train), (X_test, y_test))]


def counted(X, y, seed, share):
    """As `once`; texts become sparse counts of the words of the training messages."""
    (((X_train, y_train), (X_test, y_test)),) = once(X, y, seed, share)
    counts = CountVectorizer().fit(X_train)
    made = [counts.transform(some).astype(np.float32) for some in (X_train, X_test)]
    return [((made[0], y_train), (made[1], y_test))]


def folds(X, y, seed):
    """Five folds, stratified, shuffled by the seed."""
    splitter = StratifiedKFold(5, shuffle=True, random_state=seed)
    return [tuple((X[rows], y[rows]) for rows in pair) for pair in splitter.split(X, y)]


def _of(loader):
    return partial(loader, return_X_y=True)


_QUARTER, _FORTY = partial(once, share=0.25), partial(once, share=0.4)
_RARE = "recall of the rare class"
CASES = {
    "rare": Case("two classes, 99 : 1", rare, _QUARTER, _RARE, 0.55),
    "wide": Case("500 rows of 2000 features, 3 classes", wide, _FORTY, goal=0.88, below=500),
    "words": Case("word counts of 1500 messages", messages, partial(counted, share=0.4), goal=0.97),
    "wine": Case("wine, five folds", _of(load_wine), folds, goal=0.975),
    "iris": Case("iris, five folds", _of(load_iris), folds, goal=0.96),
    "breast_cancer": Case("breast cancer, five folds", _of(load_breast_cancer), folds, goal=0.963),
    "rare, another": Case(
        "two classes, 98 : 2, another seed", partial(rare, 0.98, 1), _QUARTER, _RARE
    ),
    "wide, another": Case(
        "500 rows of 2000 features, 4 classes, another seed", partial(wide, 4, 5), _FORTY
    ),
    "words, others": Case(
        "word counts of 1500 other messages", partial(messages, 1), partial(counted, share=0.4)
    ),
    "digits, 200 rows": Case(
        "digits, 200 rows to fit", _of(load_digits), partial(once, share=1597)
    ),
}
QUICK = ("words", "digits, 200 rows")
