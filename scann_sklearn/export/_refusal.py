"""How a step that can't be exported is refused."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any


def refused(reason: str, step: Any, advice: str, kind: type[Exception] = ValueError) -> Exception:
    """Make the error for a step: the reason first, what to do last.

    Parameters
    ----------
    reason : str
        Beginning of a sentence.
    step : estimator
        What is refused.
    advice : str
        What to do instead.
    kind : type, default=ValueError
        Class of the error.

    Returns
    -------
    error : Exception
        To be raised.
    """
    described = " ".join(repr(step).split())  # without line breaks
    return kind(f"{reason}, so {described} can't be exported: {advice}.")
