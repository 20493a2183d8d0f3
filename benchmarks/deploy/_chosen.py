"""What is compared, and what it was chosen by."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any, NamedTuple


class Chosen(NamedTuple):
    """A fitted model and why it is compared.

    Parameters
    ----------
    what : str
        Its part in the comparison: "small" and "budget" (ours), "smallest" and "validation"
        (perceptrons), "forest".
    setting : str
        What it is, in a few words.
    model : estimator
        Takes raw samples.
    reached : bool
        Whether the score is at least the floor.
    options : dict
        What the conversion needs to know.
    starts : list of int or None
        Connections of the smallest network above the floor that each search found, None for none.
    """

    what: str
    setting: str
    model: Any
    reached: bool
    options: dict = {}
    starts: Any = ()
