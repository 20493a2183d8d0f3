"""One class a sample, told by several exits one after the other."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from scann_sklearn.estimators._class_problem import ClassProblem
from scann_sklearn.estimators._path import PathPoint, path_point
from scann_sklearn.estimators._sections import TrainedSections
from scann_sklearn.estimators._thresholds import ExitPoint, Held, choose_exits
from scann_sklearn.heads._exits import Exits
from scann_sklearn.heads._head import Head
from scann_sklearn.metrics import EnergyModel
from scann_sklearn.metrics._energy import stage_operations
from scann_sklearn.model._exit_stages import exit_stages
from scann_sklearn.model._model import Model
from scann_sklearn.network._exits import section_ends, with_exits
from scann_sklearn.network._network import Network
from scann_sklearn.network._samples import as_samples
from scann_sklearn.network._topology import Topology


class ExitProblem(ClassProblem):
    """Classes, and the sections and thresholds of exits.

    Parameters
    ----------
    estimator : EarlyExitClassifier
        Its parameters are valid.
    y : ndarray of shape (n_samples,)
        Labels.
    sample_weight : ndarray of shape (n_samples,)
        Weights of the samples; some are positive.
    known : Head or None
        That of the earlier fit which this one continues.

    Raises
    ------
    ValueError
        See `ClassProblem`. If that fit had another number of exits.
    """

    head: Exits

    def __init__(
        self, estimator: Any, y: np.ndarray, sample_weight: np.ndarray, known: Head | None
    ) -> None:
        super().__init__(estimator, y, sample_weight, known)
        there = getattr(known, "n_exits", estimator.n_exits)
        if there != estimator.n_exits:
            raise ValueError(
                f"warm_start continues with {there} exits, but n_exits={estimator.n_exits}."
            )
        numbers = (estimator.n_exits, estimator.distillation, estimator.temperature)
        self.head = Exits(self.head, *numbers, section_ratio=estimator.section_ratio)

    def behind(self, extractor: TrainedSections | None) -> None:
        """Take the sections of torch modules into account."""
        super().behind(extractor)
        self.head.ahead = () if extractor is None else extractor.costs

    def topology(self, topology: Topology, rng: np.random.Generator) -> Topology:
        """The topology with exits where its sections end."""
        shape = (topology.n_hidden, topology.layer_sizes)
        ends = section_ends(*shape, self.head.n_exits, self.estimator.section_ratio)
        return with_exits(topology, ends, rng, self.extractor and self.extractor.ends)

    def held(self, fit: Any, network: Network) -> Held:
        """What the exits of a network say about the validation samples of its fit."""
        part, model = fit.validation, fit.to_model(network)
        outputs = as_samples(fit.inputs(part, network)).outputs(model.network)
        return Held.of(self.head, outputs, part.y, part.sample_weight)

    def path_point(self, fit: Any, network: Network, score: float) -> PathPoint:
        """A point of the path, with the thresholds of its exits."""
        if fit.by_size is None:
            held = self.held(fit, network)
        else:
            held = Held.joined(fit.by_size.held(network.n_connections))
        model = fit.to_model(network)
        energies = exit_energies(model)
        front, accuracies = held.front(energies), tuple(held.accuracies.tolist())
        chosen = self._choose(front, accuracies, held, energies)
        head = self.head.with_thresholds(chosen.thresholds, chosen.shares)
        return replace(
            path_point(Model(model.network, head), score, fit.extractor_of(network)),
            exits=network.topology.exits,
            exit_accuracies=accuracies,
            exit_point=chosen,
            thresholds_path=tuple(front),
        )

    def _choose(self, front, accuracies, held, energies) -> ExitPoint:
        """Thresholds as the estimator's parameters ask for them; the cheapest where none fit."""
        given = self.estimator
        if not isinstance(given.thresholds, str):
            return held.point(np.asarray(given.thresholds, np.float64), energies)
        if given.target_energy is not None and given.target_energy < front[0].energy:
            return front[0]
        return choose_exits(front, accuracies[-1] - given.exit_loss, given.target_energy)


def exit_energies(model: Model) -> np.ndarray:
    """Joules of an inference that leaves at each exit, by the default `EnergyModel`.

    Parameters
    ----------
    model : Model
        With exits.

    Returns
    -------
    energies : ndarray of shape (n_exits,)
        Ascending.
    """
    head = model.head
    assert isinstance(head, Exits)
    meter, stages = EnergyModel(), exit_stages(model.network.topology, head)
    return np.cumsum([meter.joules(stage_operations(own, meter)) for own in stages])
