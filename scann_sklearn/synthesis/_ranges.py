"""Checks of the numbers that operations take."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from numbers import Integral, Real

from scann_sklearn._constraints import Interval


def check_number(name, value, least=0) -> None:
    """Refuse what is no integer of at least `least`."""
    if not Interval(Integral, least, None, closed="left").is_satisfied_by(value):
        raise ValueError(f"{name} must be an integer of at least {least}, got {value!r}.")


def check_share(name, value) -> None:
    """Refuse what is not above 0 and at most 1."""
    if not Interval(Real, 0, 1, closed="right").is_satisfied_by(value):
        raise ValueError(f"{name} must be a number above 0 and at most 1, got {value!r}.")


def check_positive(name, value) -> None:
    """Refuse what is not a finite number above 0."""
    if not Interval(Real, 0, None, closed="neither").is_satisfied_by(value):
        raise ValueError(f"{name} must be above 0 and finite, got {value!r}.")


def check_layer(layer, n_layers, what="hidden layers") -> int:
    """Refuse what is no number of a layer, from 0 on."""
    if not Interval(Integral, 0, n_layers, closed="left").is_satisfied_by(layer):
        raise ValueError(
            f"layer must be an integer from 0 to below {n_layers}, the number of {what}, "
            f"got {layer!r}."
        )
    return int(layer)
