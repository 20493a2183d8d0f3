"""What a synthesis has come to: what callbacks find in the contexts of its tasks."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SynthesisState:
    """State of a synthesis at the end of an epoch or round.

    Callbacks find it as ``context.synthesis_state``, in tasks that are epochs or rounds of a
    synthesis. It holds plain numbers only, so that it is cheap to send to other processes.

    Parameters
    ----------
    round : int
        Index of the round, counted from 0.
    n_connections : int
        Number of connections of the current network.
    n_hidden : int
        Number of hidden neurons of the current network.
    best_score : float or None
        Best validation score so far. None if no network has been scored yet.
    best_n_connections : int or None
        Number of connections of the network with the best score.
    share : float or None
        Share of the fit that is done, from 0 to 1, including all folds. None if it is unknown. If
        ``n_connections="auto"``, a fit may end before it reaches 1.
    fold : int or None
        Index of the fold, counted from 0, if small data are cross-validated. None in the synthesis
        whose network is kept.
    n_folds : int
        Number of folds that are fitted before the network that is kept; 0 without
        cross-validation.
    seconds_before : float, default=0.0
        How long an earlier process has worked at this fit, where it goes on
        from a `checkpoint`.
    """

    round: int
    n_connections: int
    n_hidden: int
    best_score: float | None
    best_n_connections: int | None
    share: float | None
    fold: int | None
    n_folds: int
    seconds_before: float = 0.0

    @property
    def phase(self) -> str:
        """Fold and round as text."""
        name = f"round {self.round}"
        if self.n_folds:
            fold = "final" if self.fold is None else f"fold {self.fold + 1}/{self.n_folds}"
            name = f"{fold}, {name}"
        return name
