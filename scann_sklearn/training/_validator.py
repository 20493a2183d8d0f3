"""The validation data: what networks are judged by."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from scann_sklearn.model._model import Model
from scann_sklearn.network import Network
from scann_sklearn.network._bounds import Reach
from scann_sklearn.training._divergence import DivergenceError
from scann_sklearn.training._options import TrainingOptions
from scann_sklearn.training._scoring import ValidationScorer


class Validator:
    """Scores networks as the user wants them to be scored.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_features)
        Validation samples, as the user gave them.
    y : ndarray of shape (n_samples,)
        Their answers, in the user's terms.
    sample_weight : ndarray of shape (n_samples,)
        Their weights.
    scorer : ValidationScorer
        The user's scorer.
    to_model : callable
        Model of raw X for a network in the scale of training.
    fitted : callable
        Fitted estimator for a model.
    options : TrainingOptions
        What the error of a training that has diverged names.
    inputs : callable, default=None
        What a network reads of the samples; None: X.
    """

    def __init__(
        self,
        X: np.ndarray,
        y: np.ndarray,
        sample_weight: np.ndarray,
        scorer: ValidationScorer,
        to_model: Callable[[Network], Model],
        fitted: Callable[[Model], Any],
        options: TrainingOptions,
        inputs: Callable[[Network], Any] | None = None,
    ) -> None:
        self.X, self.y, self.scorer = X, y, scorer
        self.to_model, self.fitted, self.options = to_model, fitted, options
        self.inputs = inputs
        self._read: Any = X if inputs is None else None
        self._reach = Reach(X) if inputs is None else None
        self.weights = {}
        if (sample_weight != sample_weight[0]).any():
            self.weights["sample_weight"] = sample_weight

    def _reach_of(self, network) -> Reach:
        read = self._read if self.inputs is None else self.inputs(network)
        if self._reach is None or read is not self._read:
            self._read, self._reach = read, Reach(read)
        return self._reach

    def _score(self, network) -> float:
        model = self.to_model(network)
        if not self._reach_of(model.network).is_finite(model.network):
            raise DivergenceError("outputs for the validation data are", self.options)
        return self.scorer(self.fitted(model), self.X, self.y, **self.weights)

    def score(self, network: Network) -> float:
        """Validation score of a network.

        Parameters
        ----------
        network : Network
            A network in the scale of training.

        Returns
        -------
        score : float
            Greater is better.

        Raises
        ------
        ValueError
            If the scorer fails or returns NaN.
        DivergenceError
            If outputs are not finite.
        """
        score = self._score(network)
        if np.isnan(score):
            raise ValueError(
                f"scoring={self.scorer.scoring!r} gave {score} on the validation data: networks "
                "can't be compared by it."
            )
        return score

    def constant_score(self, network: Network) -> float:
        """Score of a network that has learnt nothing; an error here comes before the training.

        Parameters
        ----------
        network : Network
            One whose outputs are constants.

        Returns
        -------
        score : float
            NaN where the scorer can't tell.

        Raises
        ------
        ValueError
            If the scorer fails.
        """
        with warnings.catch_warnings():  # about a network that has learnt nothing
            warnings.simplefilter("ignore")
            return self._score(network)
