"""What a fit has to learn: the part of it that depends on the kind of y."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from scann_sklearn.estimators._data import Part
from scann_sklearn.estimators._output_scaling import OutputScaling
from scann_sklearn.heads._head import Head
from scann_sklearn.heads._targets import Targets


class Problem(ABC):
    """The targets of one fit, read from the y that a user gave.

    Attributes
    ----------
    head : Head
        What the outputs mean.
    y : ndarray
        As `head.targets` takes it, for all samples.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples, those of their classes included.
    """

    head: Head
    y: np.ndarray
    sample_weight: np.ndarray

    @abstractmethod
    def encode_validation(self, y: Any, sample_weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Encode the y of validation data.

        Parameters
        ----------
        y : array-like
            As given to `fit`.
        sample_weight : ndarray of shape (n_val,)
            Weights of the validation samples.

        Returns
        -------
        y : ndarray
            Like `y` of the training.
        sample_weight : ndarray
            With the weights of the classes.

        Raises
        ------
        ValueError
            If it doesn't fit to the y of the training.
        """

    def strata(self, y: np.ndarray) -> np.ndarray | None:
        """What a validation split keeps the shares of; None: nothing.

        Parameters
        ----------
        y : ndarray
            Encoded.

        Returns
        -------
        strata : ndarray of int of shape (n_samples,) or None
            Numbers from 0 on.
        """
        return None

    @abstractmethod
    def scaling(self, train: Part) -> OutputScaling | None:
        """Choose how outputs are scaled during training.

        Parameters
        ----------
        train : Part
            The training part.

        Returns
        -------
        scaling : OutputScaling or None
            None: they are not.
        """

    @abstractmethod
    def targets(
        self,
        train: Part,
        weight: np.ndarray,
        scaling: OutputScaling | None,
        rng: np.random.Generator,
    ) -> Targets:
        """Make the training targets; a teacher is fitted for them.

        Parameters
        ----------
        train : Part
            The training part.
        weight : ndarray of shape (n_samples,)
            Weights of its samples, of mean one.
        scaling : OutputScaling or None
            What `scaling` returned.
        rng : numpy.random.Generator
            Fills in every `random_state` of the teacher that is None.

        Returns
        -------
        targets : Targets
            In the scale of training.
        """
