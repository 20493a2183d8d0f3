"""What a synthesis has come to: what callbacks find in the contexts of its tasks."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SynthesisState:
    """What a synthesis has come to at the end of an epoch or round.

    Callbacks find it as ``context.synthesis_state``. It is made of plain numbers, so that it costs
    nothing to make or to send to another process; other tasks have none.

    Parameters
    ----------
    round : int
        Number of the round, from 0 on.
    n_connections : int
        Number of connections of the network as it is.
    n_hidden : int
        Number of its hidden neurons.
    best_score : float or None
        Best validation score so far; None before a network was scored.
    best_n_connections : int or None
        Number of connections of the network that reached it.
    share : float or None
        Share of the fit that is done, from 0 to 1, other folds included; None: unknown. Without a
        bound a fit may end before it is 1.
    fold : int or None
        Number of the fold, from 0 on, where small data are cross-validated. None: the fit of the
        network that is kept.
    n_folds : int
        Number of folds that come before that; 0 without cross-validation.
    """

    round: int
    n_connections: int
    n_hidden: int
    best_score: float | None
    best_n_connections: int | None
    share: float | None
    fold: int | None
    n_folds: int

    @property
    def phase(self) -> str:
        """Fold and round in words."""
        name = f"round {self.round}"
        if self.n_folds:
            fold = "final" if self.fold is None else f"fold {self.fold + 1}/{self.n_folds}"
            name = f"{fold}, {name}"
        return name
