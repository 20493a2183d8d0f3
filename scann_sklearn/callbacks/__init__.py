"""Callbacks for syntheses: their progress, and a limit to their time."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from typing import TYPE_CHECKING

from scann_sklearn._lazy import attach

if TYPE_CHECKING:
    from scann_sklearn.callbacks._progress import SynthesisProgress as SynthesisProgress
    from scann_sklearn.callbacks._state import SynthesisState as SynthesisState
    from scann_sklearn.callbacks._time_budget import TimeBudget as TimeBudget

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "_progress": ["SynthesisProgress"],
        "_state": ["SynthesisState"],
        "_time_budget": ["TimeBudget"],
    },
)
