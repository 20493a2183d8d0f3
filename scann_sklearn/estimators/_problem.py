"""What a fit has to learn: the part of it that depends on the kind of y."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace
from typing import Any

import numpy as np

from scann_sklearn.estimators._data import Part
from scann_sklearn.estimators._output_scaling import OutputScaling
from scann_sklearn.estimators._path import PathPoint, path_point
from scann_sklearn.estimators._teacher import fitted_teacher
from scann_sklearn.heads._head import Head
from scann_sklearn.heads._targets import Targets
from scann_sklearn.network._network import Network
from scann_sklearn.network._topology import Topology


class Problem(ABC):
    """The targets of one fit, read from the y that a user gave.

    Attributes
    ----------
    estimator : estimator
        Its parameters are valid.
    head : Head
        What the outputs mean.
    y : ndarray
        As `head.targets` takes it, for all samples.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples, those of their classes included.
    extractor : TrainedExtractor or None
        A torch module ahead of the network, if there is one, once it is known.
    """

    estimator: Any
    head: Head
    y: np.ndarray
    sample_weight: np.ndarray
    extractor: Any = None

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

    def behind(self, extractor: Any) -> None:
        """Say what is ahead of the network, once it is known.

        Parameters
        ----------
        extractor : TrainedExtractor or None
            A torch module, if there is one.
        """
        self.extractor = extractor

    def topology(self, topology: Topology, rng: np.random.Generator) -> Topology:
        """Fit a scheme's topology to what its outputs are.

        Parameters
        ----------
        topology : Topology
            What the scheme starts from.
        rng : numpy.random.Generator
            Draws connections in place of those that can't be.

        Returns
        -------
        topology : Topology
            The same, unless there are early exits.
        """
        return topology

    def held(self, fit: Any, network: Network) -> Any:
        """Ask a network about samples that it wasn't trained on, for the thresholds of its exits.

        Parameters
        ----------
        fit : Fit
            The fit of the network.
        network : Network
            In the scale of training.

        Returns
        -------
        held : Held or None
            None: there are no exits.
        """
        return None

    def path_point(self, fit: Any, network: Network, score: float) -> PathPoint:
        """Make a point of the path of a network.

        Parameters
        ----------
        fit : Fit
            The fit of the network.
        network : Network
            In the scale of training.
        score : float
            Its validation score.

        Returns
        -------
        point : PathPoint
            Of raw X.
        """
        return path_point(fit.to_model(network), score, fit.extractor_of(network))

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

    def fitted_teacher(self, train: Part, rng: np.random.Generator) -> Any:
        """Fit a clone of the estimator's teacher; None where there is none.

        Parameters
        ----------
        train : Part
            The training part.
        rng : numpy.random.Generator
            Fills in every `random_state` of the teacher that is None.

        Returns
        -------
        teacher : estimator or None
            Fitted on the training part.
        """
        teacher = self.estimator.teacher
        if teacher is None:
            return None
        return fitted_teacher(teacher, train, self.head.answers(train.y), rng)

    @abstractmethod
    def targets(
        self,
        train: Part,
        weight: np.ndarray,
        scaling: OutputScaling | None,
        teacher: Any,
    ) -> Targets:
        """Make the training targets.

        Parameters
        ----------
        train : Part
            The training part.
        weight : ndarray of shape (n_samples,)
            Weights of its samples, of mean one.
        scaling : OutputScaling or None
            What `scaling` returned.
        teacher : estimator or None
            What `fitted_teacher` returned.

        Returns
        -------
        targets : Targets
            In the scale of training.
        """

    def recall(self, targets: Targets, values: np.ndarray) -> Targets:
        """Targets as a teacher has made them in an earlier process.

        Parameters
        ----------
        targets : Targets
            What they are without a teacher.
        values : ndarray of shape (n_outputs, n_samples)
            Their values with one, read from a file.

        Returns
        -------
        targets : Targets
            With these values.

        Raises
        ------
        ValueError
            If they are values of other targets.
        """
        shape = (self.head.n_outputs // getattr(self.head, "n_exits", 1), len(targets))
        dtype = targets.values.dtype
        wrong = values.shape != shape or values.dtype != dtype or not np.isfinite(values).all()
        if wrong:
            raise ValueError(
                f"The checkpoint has targets of a teacher that are {values.dtype} of shape "
                f"{values.shape}, for finite {dtype} of shape {shape}: it was damaged or changed."
            )
        return replace(targets, values=values)
