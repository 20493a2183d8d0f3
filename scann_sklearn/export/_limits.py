"""What a target has room for."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import warnings

import numpy as np


def check_limits(**limits) -> None:
    """Raise where a limit is no number of bytes.

    Parameters
    ----------
    **limits : int or None
        Limits by the names of their parameters.

    Raises
    ------
    ValueError
        If one is neither a positive integer nor None.
    """
    for name, limit in limits.items():
        if limit is None:
            continue
        if isinstance(limit, bool) or not isinstance(limit, int | np.integer) or limit < 1:
            raise ValueError(
                f"{name} must be a number of bytes, a positive integer, or None, got {limit!r}."
            )


def warn_above(what, **needs) -> None:
    """Warn the caller's caller where more is needed than there is.

    Parameters
    ----------
    what : str
        What needs it: the beginning of the message, up to the first number.
    **needs : tuple of (int, int or None)
        Bytes and their limit, by the names of the limits: ``flash_limit``, ``ram_limit``.
    """
    over = [
        f"{needed} bytes of {name.removesuffix('_limit')}, more than {name}={limit}"
        for name, (needed, limit) in needs.items()
        if limit is not None and needed > limit
    ]
    if over:
        message = f"{what} {' and '.join(over)}: use a smaller network or type."
        warnings.warn(message, UserWarning, stacklevel=3)
