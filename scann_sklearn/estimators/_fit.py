"""One fit of an estimator: data, trainer and synthesis put together."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from functools import cached_property, partial
from typing import Any

import numpy as np

from scann_sklearn.estimators._data import Part, Streams
from scann_sklearn.estimators._extractor import TrainedExtractor
from scann_sklearn.estimators._fitted import fitted_attributes
from scann_sklearn.estimators._folds import BySize
from scann_sklearn.estimators._images import Images
from scann_sklearn.estimators._joint import JointTraining
from scann_sklearn.estimators._output_scaling import OutputScaling
from scann_sklearn.estimators._path import PathPoint, previous_network
from scann_sklearn.estimators._problem import Problem
from scann_sklearn.estimators._scaling import InputScaling, check_finite
from scann_sklearn.estimators._validation import hidden_layers
from scann_sklearn.heads._head import Head
from scann_sklearn.heads._targets import Targets
from scann_sklearn.model._model import Model
from scann_sklearn.network import Network, Topology
from scann_sklearn.network._joint_network import JointNetwork, ModuleState
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._map_network import MapNetwork
from scann_sklearn.network._samples import Samples, as_samples
from scann_sklearn.synthesis._checks import check_topology
from scann_sklearn.synthesis._loop import Synthesis
from scann_sklearn.synthesis._scheme import Scheme
from scann_sklearn.synthesis._steps import GrowthBatch, PruneConnections
from scann_sklearn.training._joint_objective import JointObjective
from scann_sklearn.training._objective import Objective
from scann_sklearn.training._options import TrainingOptions
from scann_sklearn.training._scoring import ValidationScorer
from scann_sklearn.training._trainer import Trainer
from scann_sklearn.training._validator import Validator

_AFTER_A_STOP = 0.1  # of the epochs so far: for the network that is then cut to the bound


@dataclass
class Fit:
    """What a `fit` has put together: see `prepare`.

    Parameters
    ----------
    estimator : estimator
        Its parameters are valid.
    problem : Problem
        What is to be learnt.
    scheme : Scheme
        A valid scheme.
    train, validation : Part
        The data.
    streams : Streams
        Random generators.
    scaling : InputScaling
        From raw X to the scale of training.
    outputs : OutputScaling or None
        From the scale of training to that of y.
    objective : Objective
        What is trained.
    options : TrainingOptions
        How it is trained.
    images : Images, default=None
        The layers of maps that it starts with, where X are images.
    joint : JointTraining, default=None
        The module that is trained together with the network.
    by_size : BySize, default=None
        What cross-validation has found, where the validation data are those of the training.
    """

    estimator: Any
    problem: Problem
    scheme: Scheme
    train: Part
    validation: Part
    streams: Streams
    scaling: InputScaling
    outputs: OutputScaling | None
    objective: Objective
    options: TrainingOptions
    images: Images | None = None
    joint: JointTraining | None = None
    by_size: BySize | None = None

    def __post_init__(self) -> None:
        self.validator = self._validator(self.validation)
        self.synthesis = Synthesis(
            self.scheme,
            Trainer(self.objective, self.options, self.streams.shuffle, self.score),
            self.score,
            self.growth_batch,
            hidden_layers(self.estimator),
            training_score=self._training_score,
            constant_score=self.validator.constant_score(self._constant()),
            n_maps=() if self.front is None else tuple(c.n_maps for c in self.front.layers),
        )

    def _validator(self, part: Part) -> Validator:
        scorer = ValidationScorer(self.estimator)
        calibrated = scorer.reads_probabilities or self.head.answers_by_probabilities
        return Validator(
            part.X,
            self.head.answers(part.y),
            part.sample_weight,
            scorer,
            self.to_model if calibrated else self._uncalibrated,
            partial(self._fitted, part),
            self.options,
            partial(self.inputs, part),
        )

    @cached_property
    def _of_training(self) -> Validator:
        return self._validator(self.train)  # looks at all rows, and may copy them: once

    def _training_score(self, network) -> float:
        return self._of_training.score(network)

    def _constant(self) -> Network:
        """The best constant prediction, as a network."""
        n_outputs, dtype = self.head.n_outputs, self.objective.dtype
        topology = Topology.adopt(
            self.train.inputs.shape[1],
            n_outputs,
            np.arange(n_outputs + 1),
            np.zeros(n_outputs, np.int32),
        )
        start = np.asarray(self.head.start_bias(self.objective.targets), dtype)
        return Network(topology, np.zeros(n_outputs, dtype), start)

    @property
    def n_read(self) -> int:
        """Number of values that neurons can read at the start: features, or those of maps."""
        return self.train.inputs.shape[1] if self.front is None else self.front.target.size

    @property
    def front(self) -> MapFront | None:
        """The layers of maps that a fit starts with, if there are any."""
        return None if self.images is None else self.images.front

    @property
    def head(self) -> Head:
        """What the outputs mean."""
        return self.problem.head

    @property
    def taught(self) -> np.ndarray | None:
        """Values of the targets, where a teacher has made them once and for all."""
        if self.estimator.teacher is None or self.objective.renew is not None:
            return None
        return self.objective.targets.values

    def score(self, network: Network) -> float:
        """What a network is worth: its validation score.

        With cross-validation, that of its size there, or its own where that is lower.
        """
        own = self.validator.score(network)
        return own if self.by_size is None else min(own, self.by_size.score(network.n_connections))

    def to_model(self, network: Network) -> Model:
        """Model of raw X for a network in the scale of training."""
        model, temperatures = self._uncalibrated(network), self.temperatures(network)
        if temperatures is None:
            return model
        calibration = OutputScaling(np.zeros(len(temperatures)), 1 / temperatures)
        return Model(check_finite(calibration.fold(model.network)), self.head)

    def temperatures(self, network: Network) -> np.ndarray | None:
        """What its outputs are divided by for the sake of probabilities; None: they stay."""
        if self.by_size is not None:
            return self.by_size.temperatures(network.n_connections)
        held = self.validation
        if held is self.train:
            return None
        outputs = as_samples(self.inputs(held, network)).outputs(
            self._uncalibrated(network).network
        )
        return self.head.temperatures(outputs, held.y, held.sample_weight)

    def _uncalibrated(self, network: Network) -> Model:
        folded = self.scaling.fold(network, self.options)
        if self.outputs is not None:
            folded = check_finite(self.outputs.fold(folded))
        return Model(folded, self.head)

    def _fitted(self, part, model) -> Any:
        # validation data come as arrays: the copy knows no names of features
        fitted = copy.copy(self.estimator)
        extractor = self.extractor_of(model.network)
        if extractor is not None:
            known = replace(part, extracted=self.inputs(part, model.network))
            fitted._extractor_ = extractor.remember(known)
        unknown = {"feature_names_in_": None, "front_end_": None}
        vars(fitted).update(unknown | fitted_attributes(model))
        return fitted

    def inputs(self, part: Part, network: Network) -> Any:
        """What a network reads of the samples of a part."""
        return part.inputs if self.joint is None else self.joint.inputs(_state(network), part)

    def extractor_of(self, network: Network) -> TrainedExtractor | None:
        """The module ahead of a network, if there is one."""
        if self.joint is None:
            return self.estimator._extractor_
        return self.joint.extractor_of(_state(network))

    def growth_batch(self) -> GrowthBatch:
        """Random samples for an operation to look at; all of them if there are few."""
        rng = self.streams.noise
        self.objective.follow(self.synthesis.network)
        samples = self.objective.sample(self.scheme.growth_batch_size, rng)
        return GrowthBatch(samples, rng, self.estimator.device)

    def start(self, previous: Model | None) -> Network:
        """Network to start from: the fitted one for a warm start, else the scheme's seed."""
        dtype = self.objective.dtype
        shape = (self.n_read, self.head.n_outputs, self.synthesis.hidden_layer_sizes)
        if previous is not None:
            network = previous_network(previous, self.scheme, shape, self.front)
            weight, bias = network.weight.astype(dtype), network.bias.astype(dtype)
            network = replace(network, weight=weight, bias=bias)
            if self.outputs is not None:
                network = self.outputs.unfold(network)
            network = self.scaling.unfold(network)
            return network if self.joint is None else self.joint.join(network)
        front = None if self.front is None else self.scheme.start_front(self.front)
        n_read = self.n_read if front is None else front.target.size
        topology = self.scheme.start(n_read, *shape[1:], self.streams.weights)
        check_topology(self.scheme, "start", topology, n_read, self.head.n_outputs)
        topology = self.problem.topology(topology, self.streams.weights)
        if front is None:
            network = Network.initialize(topology, self.streams.weights, dtype)
        else:
            parts = (front, topology)
            network = MapNetwork.initialize_maps(*parts, self.streams.weights, dtype)
        network.bias[-topology.n_outputs :] = self.head.start_bias(self.objective.targets)
        return network if self.joint is None else self.joint.join(network)

    def feature_deviations(self) -> np.ndarray:
        """Standard deviation of each feature in the training part; zero where it is constant."""
        X = self.train.source
        scaling, reads_X = self.scaling, self.images is None and self.train.extracted is None
        if self.estimator.input_scaling != "standard" or not reads_X:
            scaling = InputScaling.of(X, "standard", self.train.sample_weight)
        low, high = as_samples(X).bounds()
        return np.where(low < high, scaling.scale, 0.0)

    def path(self) -> list[PathPoint]:
        """The frontier as `path_`."""
        frontier = self.synthesis.frontier
        return [self.problem.path_point(self, p.network, p.score) for p in frontier]

    def ensure_result(self, bound: int | None, train: bool = True) -> None:
        """Make sure of a checkpoint within the bound, after an interruption or a stop too.

        Where no network has come down to the bound, the latest is pruned to it, and with `train`
        trained for a tenth of the epochs so far.
        """
        s = self.synthesis
        latest = self.latest()
        if len(s.frontier) == 0:
            s.checkpoint(latest)
        if bound is not None and min(point.n_connections for point in s.frontier) > bound:
            epochs = int(_AFTER_A_STOP * len(s.history)) if train else 0
            if not s.trainer.is_finite(latest):
                latest = next(iter(s.frontier)).network
            s.network = latest
            s.carry_out(PruneConnections(bound, "saliency", epochs))

    def salvage(self, bound: int | None) -> bool:
        """Do as `ensure_result` after an interruption; false where nothing is worth keeping.

        That is before there is a network, and where training has diverged before its first
        checkpoint. An error here would take the place of the interruption.
        """
        if self.synthesis.network is None:
            return False
        try:
            self.ensure_result(bound, train=False)  # somebody has pressed Ctrl-C
        except ValueError:
            return False
        return True

    def latest(self) -> Network:
        """The network as it is, in the middle of a training phase too."""
        return self.synthesis.trainer.latest() or self.synthesis.network


def _state(network: Network) -> ModuleState | None:
    return network.extractor if isinstance(network, JointNetwork) else None


def prepare(
    estimator: Any,
    problem: Problem,
    scheme: Scheme,
    train: Part,
    validation: Part,
    streams: Streams,
    images: Images | None = None,
    taught: np.ndarray | None = None,
) -> Fit:
    """Put a fit together: scaling, targets (a teacher is fitted for them), trainer, synthesis.

    Parameters
    ----------
    estimator : estimator
        Its parameters are valid.
    problem : Problem
        What is to be learnt.
    scheme : Scheme
        A valid scheme.
    train, validation : Part
        The data.
    streams : Streams
        Random generators.
    images : Images, default=None
        The layers of maps that it starts with, where X are images.
    taught : ndarray of shape (n_outputs, n_samples), default=None
        Values of the targets, where the teacher has made them before: see `Fit.taught`.

    Returns
    -------
    fit : Fit
        Ready to start.
    """
    ValidationScorer(estimator)  # its errors come before a teacher is fitted
    kind, weight = estimator.input_scaling, train.sample_weight
    if images is not None:
        if train.source is not train.X:
            train = replace(train, source=train.X)  # augmented again for each epoch
        images.try_augment(train)
    if images is None or images.front is None:
        scaling = InputScaling.of(train.inputs, kind, weight)
    else:
        scaling = InputScaling.of_images(train.X, kind, weight, images)
    samples, outputs = scaling.apply(train.inputs), problem.scaling(train)
    weight = weight / weight.mean()
    teacher = problem.fitted_teacher(train, streams.teacher) if taught is None else None
    targets = problem.targets(train, weight, outputs, teacher)
    if taught is not None:
        targets = problem.recall(targets, taught)

    def renew(images: Images) -> tuple[Samples, Targets]:
        X = images.augmented(train.X, streams.images)
        new = targets
        if teacher is not None:
            new = problem.targets(replace(train, source=X), weight, outputs, teacher)
        return scaling.apply(X), new

    options = TrainingOptions.of(estimator, len(samples), problem.head.entropy(targets))
    joint, new_images = None, None
    if images is not None:
        images.check_batch(options.batch_size, samples.dtype)
    if images is not None and images.front_end.augment is not None:
        new_images = partial(renew, images)
    objective = Objective(samples, targets, problem.head, new_images)
    if estimator._extractor_ is not None and estimator.extractor_training == "joint":
        joint = JointTraining(estimator._extractor_, train, scaling, estimator.device)
        objective = JointObjective(samples, targets, problem.head, joint)
    return Fit(
        estimator,
        problem,
        scheme,
        train,
        validation,
        streams,
        scaling,
        outputs,
        objective,
        options,
        images,
        joint,
    )
