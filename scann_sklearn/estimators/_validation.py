"""Checks of what a user gives to `SCANNClassifier`, with errors that carry the value."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from numbers import Integral, Number, Real

import numpy as np
from sklearn.utils.class_weight import compute_class_weight
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_array, column_or_1d, validate_data

from scann_sklearn._arrays import check_numbers, check_unmasked
from scann_sklearn._constraints import Interval
from scann_sklearn._sklearn import HasMethods, StrOptions, _check_sample_weight
from scann_sklearn.estimators._data import Part
from scann_sklearn.heads._class_head import ClassHead
from scann_sklearn.heads._classes import class_head
from scann_sklearn.network._allowed import MOST_CONNECTIONS, TooManyConnectionsError
from scann_sklearn.synthesis._checks import check_topology
from scann_sklearn.synthesis._scheme import Scheme
from scann_sklearn.synthesis._schemes import SchemeA, SchemeB, SchemeC

_WEIGHT = Interval(Real, 0, None, closed="left")
SCHEMES = {"A": SchemeA, "B": SchemeB, "C": SchemeC}


# What scikit-learn checks when `fit` begins.
PARAMETERS: dict = {
    "scheme": [StrOptions(set(SCHEMES)), Scheme],
    "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
    "n_connections": [
        Interval(Integral, 1, None, closed="left"),
        Interval(Real, 0, 1, closed="right"),
        StrOptions({"auto"}),
    ],
    "max_loss": [Interval(Real, 0, None, closed="left")],
    "input_scaling": [StrOptions({"standard", "robust", "range"}), None],
    "solver": [StrOptions({"adam", "adamw", "sgd"})],
    "learning_rate": [StrOptions({"cosine", "constant"})],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither")],
    "weight_decay": [Interval(Real, 0, None, closed="left")],
    "momentum": [Interval(Real, 0, 1, closed="left")],
    "nesterovs_momentum": ["boolean"],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [Interval(Real, 0, None, closed="neither")],
    "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "shuffle": ["boolean"],
    "label_smoothing": [Interval(Real, 0, 1, closed="left")],
    "teacher": [HasMethods(["fit", "predict_proba"]), None],
    "teacher_weight": [Interval(Real, 0, 1, closed="both")],
    "teacher_temperature": [Interval(Real, 0, None, closed="neither")],
    "class_weight": [dict, StrOptions({"balanced"}), None],
    "scoring": [str, callable],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither")],
    "early_stopping": ["boolean"],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
    "tol": [Interval(Real, 0, None, closed="left")],
    "warm_start": ["boolean"],
    "engine": [StrOptions({"auto", "compiled", "torch"})],
    "device": [str],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
}


def check_scheme(estimator) -> Scheme:
    """Scheme of an estimator, its parameters and the hidden layers checked."""
    scheme = estimator.scheme
    scheme = SCHEMES[scheme]() if isinstance(scheme, str) else scheme
    scheme.validate()
    hidden_layers(estimator)
    return scheme


def hidden_layers(estimator) -> tuple[int, ...]:
    """`hidden_layer_sizes` as a tuple of int."""
    given = estimator.hidden_layer_sizes
    array = np.asarray(given, dtype=object)
    sizes = list(array.ravel())
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in sizes)
    if array.ndim > 1 or not sizes or not whole or min(sizes) < 1:
        raise ValueError(
            f"hidden_layer_sizes must hold at least one layer, each of at least 1 neuron, got "
            f"{given!r}."
        )
    if sum(map(int, sizes)) > MOST_CONNECTIONS:
        raise ValueError(
            f"hidden_layer_sizes={given!r} asks for more neurons than indices of 32 bits can count "
            f"({MOST_CONNECTIONS}): take fewer or smaller layers."
        )
    return tuple(int(size) for size in sizes)


@contextmanager
def size_named(estimator, scheme) -> Iterator[None]:
    """Name the parameter that asks for more connections than indices or memory can hold."""
    try:
        yield
    except (TooManyConnectionsError, MemoryError) as error:
        most = getattr(scheme, "max_hidden", None)
        asks = f"hidden_layer_sizes={estimator.hidden_layer_sizes!r}"
        kind = MemoryError if isinstance(error, MemoryError) else ValueError
        raise kind(
            f"{asks if most is None else f'max_hidden={most!r}'} is too large: {error} Take fewer "
            "neurons."
        ) from error


def check_device(estimator) -> None:
    """Raise where the device isn't there, or the engine doesn't run on it."""
    device = estimator.device
    if estimator.engine == "compiled" and not device.startswith("cpu"):
        raise ValueError(
            f"engine='compiled' runs on the CPU only, got device={device!r}; use engine='auto' or "
            "'torch'."
        )
    if device == "cpu":
        return
    import torch  # for other devices only: loading it takes longer than many a fit

    try:
        torch.zeros(1, device=device).cpu()
    except Exception as error:  # backends that aren't there fail each in its own way
        reason = next(iter(str(error).splitlines()), type(error).__name__)
        raise ValueError(f"device={device!r} can't be used here: {reason}") from error


def check_wishes(**wishes) -> None:
    """Raise where what `select` is asked for isn't a number."""
    for name, value in wishes.items():
        kind = Integral if name == "n_connections" else Real
        if not isinstance(value, kind) or isinstance(value, bool):
            word = "an integer" if kind is Integral else "a number"
            raise TypeError(f"{name} must be {word}, got {value!r}.")
        if kind is Real:
            try:
                float(value)
            except OverflowError:
                raise ValueError(f"{name} is beyond the largest float, got {value!r}.") from None


def check_training(
    estimator, X, y, sample_weight, *, known_classes=None
) -> tuple[Part, np.ndarray, ClassHead]:
    """Training data; of the estimator only what `validate_data` sets is set.

    Parameters
    ----------
    estimator : SCANNClassifier
        The estimator that is fitted.
    X, y, sample_weight : array-like
        As given to `fit`.
    known_classes : ndarray of shape (n_classes,), default=None
        Classes of the earlier fit that this one continues: features and classes have to be the
        same. None: a new fit.

    Returns
    -------
    data : Part
        The checked data; class weights are in their weights.
    class_weights : ndarray of shape (n_classes,)
        Weight of each class.
    head : ClassHead
        The classes, and the outputs that they need.
    """
    check_numbers(X=X, sample_weight=sample_weight)
    check_unmasked(y=y)
    with np.errstate(invalid="ignore"):  # its sum of values near the largest float
        X, y = validate_data(
            estimator,
            X,
            y,
            dtype=[np.float64, np.float32],
            order="C",
            ensure_min_samples=2,
            reset=known_classes is None,
        )
    check_classification_targets(y)
    y = column_or_1d(y, warn=True)
    weight = _check_weights("sample_weight", sample_weight, X)
    if not weight.any():
        raise ValueError("sample_weight is zero for every sample: nothing to learn from.")
    classes, labels = np.unique(y, return_inverse=True)
    present = np.unique(labels[weight > 0])
    if len(present) < 2:
        raise ValueError(
            f"{type(estimator).__name__} needs samples of at least 2 classes, got one class: "
            f"{classes[present[0]]}."
        )
    if known_classes is not None and not np.array_equal(classes, known_classes):
        raise ValueError(
            f"warm_start continues with the classes {known_classes.tolist()}, but y has "
            f"{classes.tolist()}."
        )
    # a sample without weight is as good as absent, in the validation split too
    there = weight > 0
    X, labels, weight = X[there], labels[there], weight[there]
    class_weights = _class_weights(estimator.class_weight, classes, labels, weight)
    with np.errstate(over="ignore"):
        weight = weight * class_weights[labels]
        total = weight.sum()
    if not np.isfinite(total):
        raise ValueError(
            f"sample_weight, with class_weight, adds up to {total}; the largest is {weight.max()}."
        )
    return Part(X, labels, weight), class_weights, class_head(classes)


def _check_weights(name, given, X) -> np.ndarray:
    is_scalar = isinstance(given, Number | str | bytes) or getattr(given, "ndim", None) == 0
    if is_scalar and not _WEIGHT.is_satisfied_by(given):
        raise ValueError(f"{name} must be finite numbers that are not negative, got {given!r}.")
    return _check_sample_weight(given, X, dtype=np.float64, ensure_non_negative=True)


def _class_weights(wish, classes, labels, sample_weight) -> np.ndarray:
    """Weight of each class."""
    if isinstance(wish, dict):
        _check_class_weight(wish, classes)
    absent = np.setdiff1d(np.arange(len(classes)), labels)
    if isinstance(wish, str) and len(absent):
        raise ValueError(
            f"class_weight={wish!r} needs samples of every class, but sample_weight is zero for "
            f"all samples of the classes {classes[absent].tolist()}."
        )
    weights = compute_class_weight(
        wish, classes=classes, y=classes[labels], sample_weight=sample_weight
    )
    if not (np.isfinite(weights).all() and (weights >= 0).all() and weights[labels].any()):
        raise ValueError(
            f"class_weight must not be negative, nor zero for all classes, got {wish!r}."
        )
    return weights


def _check_class_weight(wish, classes) -> None:
    unknown = [label for label in wish if label not in set(classes.tolist())]
    if unknown:
        raise ValueError(
            f"class_weight has weights for classes that y lacks: {unknown}. The classes are "
            f"{classes.tolist()}."
        )
    wrong = {label: weight for label, weight in wish.items() if not _WEIGHT.is_satisfied_by(weight)}
    if wrong:
        raise ValueError(
            f"class_weight must hold finite numbers that are not negative, got {wrong}."
        )


def check_validation(
    estimator, classes, X_val, y_val, sample_weight_val, dtype, class_weights
) -> Part | None:
    """Validation data that were given to `fit`, or None."""
    if X_val is None and y_val is None:
        if sample_weight_val is not None:
            raise ValueError("sample_weight_val is given without X_val and y_val.")
        return None
    if X_val is None or y_val is None:
        missing = "X_val" if X_val is None else "y_val"
        raise ValueError(f"X_val and y_val belong together, but {missing} is None.")
    check_numbers(X_val=X_val, sample_weight_val=sample_weight_val)
    check_unmasked(y_val=y_val)
    with np.errstate(over="ignore", invalid="ignore"):
        checked = check_array(X_val, dtype=dtype, input_name="X_val")  # for errors that name it
    if checked.shape[1] != estimator.n_features_in_:
        raise ValueError(
            f"X_val has {checked.shape[1]} features, but X has {estimator.n_features_in_}."
        )
    with np.errstate(invalid="ignore"):
        X_val = validate_data(estimator, X_val, dtype=dtype, order="C", reset=False)
    y_val = check_array(y_val, ensure_2d=False, dtype=None, input_name="y_val")
    y_val = column_or_1d(y_val, warn=True)
    if len(X_val) != len(y_val):
        raise ValueError(f"X_val has {len(X_val)} samples, but y_val has {len(y_val)}.")
    unknown = np.setdiff1d(y_val, classes)
    if len(unknown):
        raise ValueError(f"y_val has labels that y lacks: {unknown.tolist()}.")
    weight = _check_weights("sample_weight_val", sample_weight_val, X_val)
    if not weight.any():
        raise ValueError("sample_weight_val is zero for every sample: nothing to judge by.")
    labels = np.searchsorted(classes, y_val)
    return Part(X_val, labels, weight * class_weights[labels])


def check_bound(estimator, scheme, shape) -> int | None:
    """Largest number of connections that the result may have; None for "auto".

    Parameters
    ----------
    estimator : SCANNClassifier
        Its parameters are valid.
    scheme : Scheme
        A valid scheme.
    shape : tuple of int
        Numbers of inputs and outputs.

    Returns
    -------
    bound : int or None
        At most what the scheme's largest architecture allows.
    """
    wish = estimator.n_connections
    if isinstance(wish, str):
        return None
    layers = hidden_layers(estimator)
    with size_named(estimator, scheme):
        largest = check_topology(scheme, "largest", scheme.largest(*shape, layers), *shape)
    bound = int(wish) if isinstance(wish, Integral) else int(wish * largest.n_allowed)
    if bound < largest.minimum_connections:
        raise ValueError(
            f"n_connections={wish!r} is too small: reaching every output takes at least "
            f"{largest.minimum_connections} connections."
        )
    return min(bound, largest.n_allowed)
