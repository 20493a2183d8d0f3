"""What makes a plain function a scorer in every search."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from collections.abc import Callable
from typing import Any


def scorer(function: Callable[..., float]) -> Callable[..., float]:
    """Mark a function with the signature of a scorer.

    When ``sample_weight`` is passed to a search with several scorers, scikit-learn 1.9 asks each of
    them for this method, which a plain function lacks.
    """
    marked: Any = function
    marked._accept_sample_weight = lambda: True
    return function
