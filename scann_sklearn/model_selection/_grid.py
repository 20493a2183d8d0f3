"""Grids of reductions and the networks that go with them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from collections.abc import Iterable, Mapping
from math import floor
from numbers import Integral, Real
from typing import Any

from scann_sklearn._constraints import Interval
from scann_sklearn.reduction._methods import METHODS

_COUNT = Interval(Integral, 1, 2**31 - 1, closed="both")  # more are too many for any network
_RATIO = Interval(Real, 1, None, closed="left")

REDUCTIONS = tuple(name for name, method in METHODS.items() if not method.is_diagonal)


def dr_scann_grid(
    methods,
    ratios,
    hidden_layer_sizes,
    *,
    n_features=None,
    reducer="reduce",
    classifier="scann",
) -> list[dict[str, list]]:
    """Make the grid of Algorithm 1, in which networks shrink with their inputs.

    Every method is tried at every compression ratio. Each hidden layer is divided by the same
    ratio as the features, rounded (halves up) to at least one neuron. The grid can be used in any
    search of scikit-learn, with any final step that has `hidden_layer_sizes`.

    Parameters
    ----------
    methods : str or iterable of str
        Values of the parameter `method` of :class:`~scann_sklearn.DimReducer`. "passthrough", which
        keeps all features, is only tried at ratio 1.

    ratios : float or iterable of float
        Values of the parameter `ratio` of the reducer, at least 1: number of features divided by
        number of components. At ratio 1, there are as many components as features.

    hidden_layer_sizes : int or iterable of int
        Hidden layers of the network for data that are not reduced.

    n_features : int, default=None
        Number of features of the data. If it is given, layers are divided by the *achieved* ratio,
        ``n_features / floor(n_features / ratio)``, which is larger than the requested one if that
        is not a divisor: 16 features at ratio 3 give 5 components, a ratio of 3.2. If None, layers
        are divided by the requested ratio.

    reducer : str, default="reduce"
        Name of the step of the pipeline that reduces.

    classifier : str, default="scann"
        Name of the step of the pipeline that classifies.

    Returns
    -------
    param_grid : list of dict
        One dict per ratio, with a list of values for each parameter.

    Raises
    ------
    ValueError
        If there are no methods or ratios, a method is unknown, a ratio is below 1 or leaves no
        component of `n_features`, or a layer has no neuron.

    See Also
    --------
    CompressionSearchCV : Search over the same candidates, with early stopping.

    References
    ----------
    .. [1] S. Hassantabar, Z. Wang, N. K. Jha, "SCANN: Synthesis of Compact and Accurate Neural
       Networks", IEEE Transactions on Computer-Aided Design of Integrated Circuits and Systems,
       2022, :arxiv:`1904.09090`.

    Examples
    --------
    >>> from scann_sklearn.model_selection import dr_scann_grid
    >>> from sklearn.model_selection import ParameterGrid
    >>> grid = dr_scann_grid(["pca", "ica"], [1, 2], (50, 25))
    >>> len(ParameterGrid(grid))
    4
    >>> grid[1]
    {'reduce__method': ['pca', 'ica'],
     'reduce__ratio': [2],
     'scann__hidden_layer_sizes': [(25, 13)]}
    """
    for name, step in (("reducer", reducer), ("classifier", classifier)):
        if not isinstance(step, str):
            raise ValueError(f"{name} must be the name of a step of the pipeline, got {step!r}.")
    if n_features is not None and not _COUNT.is_satisfied_by(n_features):
        raise ValueError(
            f"n_features must be None or a whole number of at least 1, got {n_features!r}."
        )
    methods, ratios = as_methods(methods), as_ratios(ratios, n_features)
    layers = as_layers(hidden_layer_sizes)
    reductions = [method for method in methods if method in REDUCTIONS]
    if not reductions:
        ratios = [ratio for ratio in ratios if ratio == 1]
        if not ratios:
            raise ValueError(f"method {methods[0]!r} keeps all features: it needs ratio 1.")
    return [
        {
            f"{reducer}__method": list(methods if ratio == 1 else reductions),
            f"{reducer}__ratio": [ratio],
            f"{classifier}__hidden_layer_sizes": [shrink(layers, ratio, n_features)],
        }
        for ratio in ratios
    ]


def shrink(layers: tuple[int, ...], ratio: float, n_features: int | None) -> tuple[int, ...]:
    """Divide every layer by the ratio, the achieved one if the number of features is known."""
    achieved = ratio if n_features is None else n_features / floor(n_features / ratio)
    return tuple(max(1, floor(size / achieved + 0.5)) for size in layers)


def as_methods(methods: str | Iterable[str]) -> tuple[str, ...]:
    """Check the methods, each of them kept once."""
    checked = (methods,) if isinstance(methods, str) else _listed(methods)
    known = tuple(METHODS)
    unknown = [m for m in checked if not isinstance(m, str) or m not in known]
    if unknown or not checked:
        raise ValueError(f"methods must be one or more of {known}, got {unknown or methods!r}.")
    return tuple(dict.fromkeys(checked))


def as_ratios(ratios: float | Iterable[float], n_features: int | None) -> tuple[float, ...]:
    """Check the ratios and sort them, each of them kept once."""
    checked = _listed(ratios)
    if not checked:
        raise ValueError(f"ratios must be one or more numbers, got {ratios!r}.")
    for ratio in checked:
        if not _RATIO.is_satisfied_by(ratio):
            raise ValueError(f"Each of the ratios must be a number of at least 1, got {ratio!r}.")
        if n_features is not None and ratio > n_features:
            raise ValueError(
                f"The ratio {ratio!r} leaves no component of {n_features} features: "
                f"use ratios up to {n_features}."
            )
    return tuple(sorted(dict.fromkeys(checked)))


def as_layers(hidden_layer_sizes: int | Iterable[int]) -> tuple[int, ...]:
    """Check the hidden layers."""
    layers = _listed(hidden_layer_sizes)
    for size in layers:
        if not _COUNT.is_satisfied_by(size):
            raise ValueError(
                "hidden_layer_sizes must be whole numbers of at least 1 (and below 2**31), "
                f"got {hidden_layer_sizes!r}."
            )
    return tuple(int(size) for size in layers)


def _listed(values: Any) -> tuple:
    """One value or several as a tuple."""
    several = isinstance(values, Iterable) and not isinstance(values, bytes | Mapping)
    return tuple(values) if several and getattr(values, "ndim", None) != 0 else (values,)
