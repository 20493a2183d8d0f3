"""Checks of what a user gives to the estimators, with errors that carry the value."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from numbers import Integral, Number, Real
from typing import Any

import numpy as np
from scipy.sparse import issparse
from sklearn.base import clone
from sklearn.utils.validation import check_array, validate_data

from scann_sklearn._arrays import canonical, check_numbers, check_unmasked
from scann_sklearn._constraints import Interval, python_number
from scann_sklearn._sklearn import _check_sample_weight
from scann_sklearn.estimators._data import Part, is_large
from scann_sklearn.estimators._parameters import SCHEMES
from scann_sklearn.estimators._problem import Problem
from scann_sklearn.network import _device
from scann_sklearn.network._allowed import (
    MOST_CONNECTIONS,
    TooManyConnectionsError,
    most_connections,
)
from scann_sklearn.synthesis._checks import check_topology
from scann_sklearn.synthesis._scheme import Scheme

WEIGHT = Interval(Real, 0, None, closed="left")


def check_scheme(estimator: Any) -> Scheme:
    """Scheme of an estimator, its parameters and the hidden layers checked."""
    scheme = estimator.scheme
    scheme = SCHEMES[scheme]() if isinstance(scheme, str) else scheme
    scheme.validate()
    hidden_layers(estimator)
    params = scheme.get_params(deep=False)
    if not any(isinstance(value, np.number) for value in params.values()):
        return scheme
    return clone(scheme).set_params(**{n: python_number(value) for n, value in params.items()})


def hidden_layers(estimator) -> tuple[int, ...]:
    """`hidden_layer_sizes` as a tuple of int."""
    given = estimator.hidden_layer_sizes
    array = np.asarray(given, dtype=object)
    sizes = list(array.ravel())
    whole = all(isinstance(n, int | np.integer) and not isinstance(n, bool) for n in sizes)
    there = bool(sizes) or getattr(estimator, "sections", None) is not None
    if array.ndim > 1 or not there or not whole or min(sizes, default=1) < 1:
        raise ValueError(
            f"hidden_layer_sizes must hold at least one layer, each of at least 1 neuron, got "
            f"{given!r}."
        )
    if sum(map(int, sizes)) > MOST_CONNECTIONS:
        raise ValueError(
            f"hidden_layer_sizes={given!r} needs more neurons than 32-bit indices can "
            f"count ({MOST_CONNECTIONS}): use fewer or smaller layers."
        )
    return tuple(int(size) for size in sizes)


def check_exits(estimator) -> None:
    """Raise where sections, thresholds or the scheme of an EarlyExitClassifier don't fit."""
    n_exits, scheme, layers = estimator.n_exits, check_scheme(estimator), hidden_layers(estimator)
    is_behind_sections = estimator.sections is not None
    largest = scheme.largest(1, n_exits, (1,) * len(layers))
    has_layers = largest.layer_sizes is not None
    if is_behind_sections and largest.n_hidden > 0 and (not has_layers or len(layers) > 1):
        raise ValueError(
            f"sections take no hidden neurons or a single layer of them, but scheme="
            f"{estimator.scheme!r} with hidden_layer_sizes={estimator.hidden_layer_sizes!r} asks "
            "for others: use scheme 'C' or 'NeST' with at most one layer, or hidden_layer_sizes=()."
        )
    if has_layers and 1 < len(layers) < n_exits:
        raise ValueError(
            f"hidden_layer_sizes={estimator.hidden_layer_sizes!r} has {len(layers)} "
            f"layers, fewer than n_exits={n_exits} sections: use one layer per "
            "section, or a single one, which is divided among them."
        )
    if sum(layers) < n_exits and (layers or not is_behind_sections):
        raise ValueError(
            f"hidden_layer_sizes={estimator.hidden_layer_sizes!r} has {sum(layers)} neurons, fewer "
            f"than n_exits={n_exits} sections."
        )
    if isinstance(estimator.thresholds, str):
        return
    given = np.asarray(estimator.thresholds, dtype=object)
    share = Interval(Real, 0, 1, closed="both")
    good = [not isinstance(t, bool) and share.is_satisfied_by(t) for t in given.ravel()]
    if given.shape != (n_exits - 1,) or not all(good):
        raise ValueError(
            f"thresholds must be 'auto' or {n_exits - 1} numbers from 0 to 1, one for each exit "
            f"but the last, got {estimator.thresholds!r}."
        )


@contextmanager
def size_named(estimator, scheme, front) -> Iterator[None]:
    """Name the parameter that asks for more connections than indices or memory can hold."""
    try:
        yield
    except (TooManyConnectionsError, MemoryError) as error:
        most = getattr(scheme, "max_hidden", None)
        asks = f"hidden_layer_sizes={estimator.hidden_layer_sizes!r}"
        kind = MemoryError if isinstance(error, MemoryError) else ValueError
        advice = "Use fewer neurons."
        if front is not None:
            n_maps, height, width = front.target
            advice = (
                f"They read {n_maps} maps of {height} x {width}: use pooling or a "
                "larger stride to reduce them, or at most "
                f"{most_connections() // front.target.size} neurons."
            )
        raise kind(
            f"{asks if most is None else f'max_hidden={most!r}'} is too large: {error} {advice}"
        ) from error


def check_device(estimator) -> None:
    """Raise where the device isn't there, or the engine doesn't run on it."""
    device = estimator.device
    if estimator.engine == "compiled" and not device.startswith("cpu"):
        raise ValueError(
            f"engine='compiled' runs on the CPU only, got device={device!r}; use engine='auto' or "
            "'torch'."
        )
    _device.check_device(device)


def check_criteria(**criteria) -> None:
    """Raise where what `select` is asked for isn't a number."""
    for name, value in criteria.items():
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
    estimator: Any, X: Any, y: Any, sample_weight: Any, *, read: Callable[..., Problem], first: bool
) -> tuple[Part, Problem]:
    """Training data; of the estimator only what `validate_data` sets is set.

    Parameters
    ----------
    estimator : estimator
        The estimator that is fitted.
    X, y, sample_weight : array-like
        As given to `fit`.
    read : callable
        Makes a problem of y and weights, checked as far as any kind of y can be.
    first : bool
        Whether no earlier fit is continued.

    Returns
    -------
    data : Part
        The samples that have a weight; one without is as good as absent, in the validation split
        too.
    problem : Problem
        What is to be learnt.
    """
    check_numbers(X=X, sample_weight=sample_weight)
    check_unmasked(y=y)
    y = y.toarray() if issparse(y) else y
    with np.errstate(invalid="ignore", over="ignore"):  # sums of values near the largest float
        X, y = validate_data(
            estimator,
            X,
            y,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            order="C",
            multi_output=_is_table(y),
            ensure_min_samples=2,
            reset=first,
        )
    X = canonical(X)
    weight = _check_weights("sample_weight", sample_weight, X)
    if not weight.any():
        raise ValueError("sample_weight is zero for every sample: nothing to learn from.")
    problem = read(y, weight)
    there = weight > 0
    # a copy, as teachers and scorers may write to what they get; but not of what is large
    X = X if (issparse(X) or is_large(X)) and there.all() else X[there]
    return Part(X, problem.y[there], problem.sample_weight[there]), problem


def _is_table(y) -> bool:
    """Whether y has several columns."""
    try:
        shape = y.shape if hasattr(y, "shape") else np.asarray(y).shape
    except ValueError:  # ragged: scikit-learn says so
        return False
    return len(shape) == 2 and shape[1] > 1


def _check_weights(name, given, X) -> np.ndarray:
    is_scalar = isinstance(given, Number | str | bytes) or getattr(given, "ndim", None) == 0
    if is_scalar and not WEIGHT.is_satisfied_by(given):
        raise ValueError(f"{name} must be finite numbers that are not negative, got {given!r}.")
    return _check_sample_weight(given, X, dtype=np.float64, ensure_non_negative=True)


def check_validation(
    estimator: Any, problem: Problem, X_val: Any, y_val: Any, sample_weight_val: Any, dtype: Any
) -> Part | None:
    """Validation data that were given to `fit`, or None."""
    if X_val is None and y_val is None:
        if sample_weight_val is not None:
            raise ValueError("sample_weight_val is given without X_val and y_val.")
        return None
    if X_val is None or y_val is None:
        missing = "X_val" if X_val is None else "y_val"
        raise ValueError(f"X_val and y_val must be given together, but {missing} is None.")
    check_numbers(X_val=X_val, sample_weight_val=sample_weight_val)
    check_unmasked(y_val=y_val)
    with np.errstate(over="ignore", invalid="ignore"):
        checked = check_array(  # for errors that name it
            X_val, accept_sparse="csr", dtype=dtype, input_name="X_val"
        )
    if checked.shape[1] != estimator.n_features_in_:
        raise ValueError(
            f"X_val has {checked.shape[1]} features, but X has {estimator.n_features_in_}."
        )
    with np.errstate(invalid="ignore"):
        X_val = validate_data(
            estimator, X_val, accept_sparse="csr", dtype=dtype, order="C", reset=False
        )
    X_val = canonical(X_val)
    y_val = y_val.toarray() if issparse(y_val) else y_val
    with np.errstate(invalid="ignore", over="ignore"):
        y_val = check_array(y_val, ensure_2d=False, dtype=None, input_name="y_val")
    n_samples = X_val.shape[0]
    if n_samples != len(y_val):
        raise ValueError(f"X_val has {n_samples} samples, but y_val has {len(y_val)}.")
    weight = _check_weights("sample_weight_val", sample_weight_val, X_val)
    if not weight.any():
        raise ValueError("sample_weight_val is zero for every sample: nothing to judge by.")
    return Part(X_val, *problem.encode_validation(y_val, weight))


def check_joint(estimator) -> None:
    """Raise where a module would have to be trained by the compiled engine."""
    if estimator.extractor_training == "joint" and estimator.engine == "compiled":
        raise ValueError(
            "extractor_training='joint' needs the torch engine, got "
            "engine='compiled': use engine='auto' or 'torch'."
        )


def check_continued(there, extractor) -> None:
    """Raise where a network is to be continued that reads something else.

    Parameters
    ----------
    there, extractor : TrainedExtractor or None
        What it reads now, and what it should read.
    """
    sizes = [None if found is None else found.n_read for found in (there, extractor)]
    if sizes[0] != sizes[1]:
        words = ["features of X" if n is None else f"{n} extracted features" for n in sizes]
        raise ValueError(
            f"warm_start continues with a network that reads {words[0]}, but with this "
            f"{(extractor or there).parameter} it would read {words[1]}."
        )


def check_bound(estimator, scheme, shape, front, with_exits=None) -> int | None:
    """Largest number of connections that the result may have; None for "auto".

    Parameters
    ----------
    estimator : SCANNClassifier
        Its parameters are valid.
    scheme : Scheme
        A valid scheme.
    shape : (int, int)
        Numbers of values that neurons can read, and of outputs.
    front : MapFront or None
        The layers of maps ahead of the inputs.
    with_exits : callable, default=None
        `Problem.topology`, where there may be early exits.

    Returns
    -------
    bound : int or None
        At most what the scheme's largest architecture allows.
    """
    given = estimator.n_connections
    if isinstance(given, str):
        return None
    layers = hidden_layers(estimator)
    with size_named(estimator, scheme, front):
        largest = check_topology(scheme, "largest", scheme.largest(*shape, layers), *shape)
        if with_exits is not None:
            largest = with_exits(largest, np.random.default_rng(0))
    convolutions = () if front is None else front.layers
    n_allowed = largest.n_allowed + sum(layer.n_allowed for layer in convolutions)
    minimum = largest.minimum_connections + len(convolutions)
    bound = int(given) if isinstance(given, Integral) else int(given * n_allowed)
    if bound < minimum:
        raise ValueError(
            f"n_connections={given!r} is too small: reaching every output takes at least "
            f"{minimum} connections."
        )
    return min(bound, n_allowed)
