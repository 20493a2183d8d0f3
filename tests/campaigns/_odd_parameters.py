"""Parameters as nobody should give them; where they are valid, fits are short."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from decimal import Decimal
from fractions import Fraction

import numpy as np
import torch
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression
from torch import nn

from scann_sklearn import (
    AffineDistortion,
    AvgPool2d,
    Conv2d,
    ConvFrontEnd,
    DimReducer,
    EarlyExitClassifier,
    MaxPool2d,
    SCANNClassifier,
    SCANNRegressor,
    SchemeA,
    SchemeB,
    SchemeC,
    SchemeNeST,
)

SCHEMES = {"A": SchemeA, "B": SchemeB, "C": SchemeC, "NeST": SchemeNeST}
_FEW = {"initial_epochs": 2, "epochs": 1, "growth_epochs": 1, "iterations": 1}
_FEW |= {"pruning_ratio": 0.3, "growth_iterations": 1}
ODD = [
    None, True, False, -1, 0, 1, 2, 3, 0.0, 0.5, 1.0, 1.5, -0.5, 1e-320, 1e308, -1e308, 10**400,
    -(10**400), float("nan"), float("inf"), float("-inf"), "", "auto", "spam", "ü\0", b"x", [], (),
    [0], [-1], [2, 3], [1.5], ["a"], [[1]], np.array([]), np.array([3]), np.array(3), np.nan * 1j,
    {}, {0: 1}, {"a": None}, set(), range(3), object(), object, len, Decimal("0.5"), Fraction(1, 2),
    np.int64(2), np.uint8(1), np.float16(0.5), np.float32(0.25), np.bool_(True), np.str_("auto"),
    np.datetime64("2020-01-01"), np.longdouble(0.5), np.random.default_rng(0), slice(3), Ellipsis,
    NotImplemented, SCANNClassifier, ValueError("x"), lambda *args, **kw: None,
]  # fmt: skip
# Of these a large valid number asks for much work, as users may: 3 is enough.
_KINDS = {
    "classifier": SCANNClassifier,
    "regressor": SCANNRegressor,
    "exits": EarlyExitClassifier,
    "reducer": DimReducer,
}
_KNOWN = {
    "solver": ["adam", "adamw", "sgd"],
    "learning_rate": ["cosine", "constant"],
    "learning_rate_init": ["auto", 1e-9, 0.1, 1e3, 1e30, 1e300],
    "weight_decay": ["auto", 0, 1, 1e6, 1e300],
    "input_scaling": ["standard", "robust", "range", None],
    "hidden_layer_sizes": [1, (1,), (3, 2), (2, 2, 2), [5, 1], np.array([4]), (30,)],
    "n_connections": ["auto", 1, 2, 5, 20, 10**12, 0.1, 0.999, 1.0, 1e-9],
    "max_loss": [0, 0.5, 1e300],
    "engine": ["auto", "compiled", "torch"],
    "device": ["cpu", "cuda", "meta", "spam", "cpu:0", "cuda:99"],
    "batch_size": ["auto", 1, 7, 10**9],
    "max_epoch_samples": [None, 1, 7, 10**9],
    "label_smoothing": [0.0, 0.5, 0.999999],
    "class_weight": [None, "balanced", {0: 1}, {0: 0, 1: 1}, {0: 1e300}, {0: np.nan}, {"a": 2}],
    "validation_fraction": ["auto", 0.5, 0.99, 1e-9],
    "early_stopping": [True, False],
    "tol": [0, 1e300],
    "momentum": [0.0, 0.999999],
    "beta_1": [0.0, 0.999999],
    "beta_2": [0.0, 0.999999999],
    "epsilon": [1e-300, 1e300],
    "loss": ["squared_error", "absolute_error", "huber", "spam"],
    "huber_delta": [1e-300, 1e300],
    "n_exits": [2, 3, 5, 40],
    "section_ratio": [1.0001, 1e300],
    "distillation": [0, 1],
    "temperature": [1e-300, 1e300],
    "thresholds": ["auto", [0.5, 0.5], [0, 1], [np.nan, 1], [0.5]],
    "exit_loss": [0, 1e300],
    "target_energy": [None, 1e-300, 1e300],
    "random_state": [None, 0, 2**32 - 1, -1, np.random.RandomState(0)],
    "method": ["pca", "kernel_pca", "gaussian_rp", "isomap", "spectral_embedding", "ica"],
    "n_components": [1, 2, 10**9, 0.5],
    "ratio": [1, 2, 1e300],
    "n_landmarks": [1, 2, 10**9],
}


class Teacher(DummyClassifier):
    """A teacher whose probabilities are none."""

    def __init__(self, kind="NaN"):
        super().__init__()
        self.kind = kind

    def predict_proba(self, X):
        """Probabilities of the right shape, spoiled."""
        found = super().predict_proba(X)
        spoiled = {
            "NaN": found * np.nan, "negative": found - 2, "wide": np.hstack([found, found]),
            "short": found[:-1], "text": found.astype(str), "none": None, "zero": found * 0,
        }  # fmt: skip
        return spoiled[self.kind]


class Spoils(nn.Module):
    """A module whose features can't be learnt from."""

    def __init__(self, kind):
        super().__init__()
        self.kind = kind
        self.weight = nn.Parameter(torch.ones(1))

    def forward(self, X):
        """Features of a kind."""
        X = X.reshape(len(X), -1) * self.weight
        return {
            "NaN": X * float("nan"), "huge": X * 1e38, "none": None, "empty": X[:, :0],
            "short": X[:-1], "scalar": X.sum(), "list": [X], "same": X, "integers": X.long(),
        }[self.kind]  # fmt: skip


def _fails(estimator, X, y, sample_weight=None):
    raise ZeroDivisionError("this scorer always fails")


_SCORINGS = (
    "accuracy", "roc_auc", "r2", "neg_log_loss", "spam", lambda *args, **kw: np.nan,
    lambda *args, **kw: "a", lambda *args, **kw: np.inf, lambda *args, **kw: -1e308,
    lambda e, X, y: float(len(X)), lambda *args, **kw: [1.0],
)  # fmt: skip


def _front(rng, d):
    shape = [(1, 1, d), (1, d, 1), (d, 1, 1), (1, 4, 4), (1, 2, 2), (2, 2, 2), (0, 1, 1), "spam"]
    sizes = [1, 2, 3, 0, -1, (1, 2), 100, "a", 1.5]
    layers = [
        (Conv2d, AvgPool2d, MaxPool2d)[rng.integers(3)](
            *[_pick(rng, sizes, 0.6) for _ in range(rng.integers(1, 3))]
        )
        for _ in range(rng.integers(0, 3))
    ]
    return ConvFrontEnd(
        layers,
        shape[rng.integers(len(shape))],
        *([AffineDistortion()] if rng.random() < 0.2 else []),
    )


def _pick(rng, values, first):
    """One of some values, the first three with some probability."""
    return values[rng.integers(3) if rng.random() < first else rng.integers(len(values))]


def _special(rng, name, d, kind):
    """A value of a parameter that holds an object."""
    if name == "teacher":
        kinds = ["NaN", "negative", "wide", "short", "text", "none", "zero"]
        good = [DummyRegressor(), LinearRegression()]
        if kind != "regressor":
            good = [DummyClassifier(), LogisticRegression(max_iter=5)]
        return [*good, *map(Teacher, kinds), DummyClassifier(), 3][rng.integers(11)]
    if name == "front_end":
        return _front(rng, d)
    if name == "feature_extractor":
        kinds = ["NaN", "huge", "none", "empty", "short", "scalar", "list", "same", "integers"]
        found = [Spoils(k) for k in kinds]
        found += [
            nn.Linear(max(d, 1), 3),
            nn.Linear(d + 1, 2),
            nn.Identity(),
            nn.Flatten(),
            nn.ReLU,
        ]
        return found[rng.integers(len(found))]
    if name == "scoring":
        return _SCORINGS[rng.integers(len(_SCORINGS))]
    return None


def _scheme(rng, odd):
    name = str(rng.choice(list(SCHEMES)))
    kind = SCHEMES[name]
    names = list(kind().get_params())
    given = {key: value for key, value in _FEW.items() if key in names}
    while rng.random() < odd:
        key = str(rng.choice(names))
        given[key] = ODD[rng.integers(len(ODD))]
        if _is_much(given[key], key):
            given[key] = 3
        odd /= 2
    try:
        return kind(**given), f"{name} {given}"
    except (ValueError, TypeError):
        return name, f"{name} {given} refused"


def _is_much(value, name):
    """Whether a number is valid and means hours of work, as a user may want."""
    works = ("epochs", "iterations", "hidden", "sizes", "n_iter", "landmarks", "candidates")
    if not any(part in name for part in works):
        return False
    return isinstance(value, int | float | np.number) and bool(value > 50)


def draw_estimator(rng, d, odd=0.4):
    """An estimator with some odd parameters, and the words for it."""
    kind = str(rng.choice(list(_KINDS), p=[0.45, 0.25, 0.2, 0.1]))
    if kind == "reducer":
        given, words = {}, ""
    else:
        scheme, words = _scheme(rng, odd / 2)
        given = {"scheme": scheme, "hidden_layer_sizes": (6,), "n_connections": 40}
        given |= {"random_state": 0, "validation_fraction": 0.2}
    names = sorted(set(_KINDS[kind]().get_params(deep=False)) - {"scheme", "verbose"})
    for _ in range(int(rng.choice([0, 1, 2, 4]))):
        name = str(rng.choice(names))
        special = _special(rng, name, d, kind)
        choices = ODD if rng.random() < odd else _KNOWN.get(name)
        if choices is None:
            continue
        value = choices[rng.integers(len(choices))]
        given[name] = value if special is None or rng.random() < odd else special
        if _is_much(given[name], name):
            given[name] = 3
    text = {name: value for name, value in given.items() if name != "scheme"}
    return _KINDS[kind](**given), kind, f"{kind} {words} {text}"
