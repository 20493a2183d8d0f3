"""One fit of `SCANNClassifier`: data, trainer and synthesis put together."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import copy
import warnings
from contextlib import contextmanager

import numpy as np
from sklearn.model_selection import train_test_split

from scann_sklearn._path import network_attributes, path_point, previous_network
from scann_sklearn._scaling import fit_input_scaling, scaled, unfit_feature
from scann_sklearn._scoring import ValidationScorer
from scann_sklearn._teacher import distilled_targets
from scann_sklearn._validation import Part, hidden_layers
from scann_sklearn.network._bounds import Reach
from scann_sklearn.network._network import Network
from scann_sklearn.synthesis._checks import check_topology
from scann_sklearn.synthesis._divergence import DivergenceError
from scann_sklearn.synthesis._loop import Synthesis
from scann_sklearn.synthesis._steps import GrowthBatch, PruneConnections
from scann_sklearn.synthesis._trainer import Samples, Trainer, TrainingOptions

_FEWEST_VALIDATION_ROWS = 10


class Streams:
    """Independent random generators for the purposes of one fit.

    Parameters
    ----------
    random_state : int, numpy.random.RandomState or None
        None: fresh entropy. The global stream of numpy is neither read nor moved.
    """

    def __init__(self, random_state):
        if isinstance(random_state, np.random.RandomState):
            random_state = int(random_state.randint(2**31))
        elif random_state is not None:
            random_state = int(random_state)
        seeds = np.random.SeedSequence(random_state).spawn(5)
        generators = map(np.random.default_rng, seeds)
        self.split, self.weights, self.shuffle, self.noise, self.teacher = generators


def split_validation(data, fraction, rng):
    """Set a stratified part aside for validation.

    Returns
    -------
    train, validation : Part
        Both are the whole data where the validation part would hold fewer than 10 rows or a class
        has too few rows to be in both.
    """
    counts = np.bincount(data.y)
    n_validation = int(np.ceil(fraction * len(data.y)))
    enough = max(_FEWEST_VALIDATION_ROWS, (counts > 0).sum())
    if n_validation < enough or counts[counts > 0].min() < 2 or len(data.y) - n_validation < enough:
        return data, data
    train, validation = train_test_split(
        np.arange(len(data.y)),
        test_size=n_validation,
        stratify=data.y,
        random_state=int(rng.integers(2**31)),
    )
    parts = (Part(data.X[r], data.y[r], data.sample_weight[r]) for r in (train, validation))
    return tuple(parts)


class Fit:
    """What `SCANNClassifier.fit` needs between validated input and fitted attributes.

    Parameters
    ----------
    estimator : SCANNClassifier
        Its parameters are valid; `classes_`, `n_outputs_` and `n_features_in_` are set.
    scheme : Scheme
        A valid scheme.
    train, validation : Part
        The data.
    streams : Streams
        Random generators.
    continues : bool
        Whether to start from the estimator's fitted network.
    """

    def __init__(self, estimator, scheme, train, validation, streams, continues):
        self.estimator, self.scheme, self.streams = estimator, scheme, streams
        self.continues = continues
        self.train, self.validation = train, validation
        self.scorer = ValidationScorer(estimator)
        self.center, self.scale = fit_input_scaling(
            train.X, estimator.input_scaling, train.sample_weight
        )
        X = scaled(train.X, self.center, self.scale)
        y = train.y
        if estimator.teacher is not None:
            y = distilled_targets(estimator, train, streams.teacher)
        self.samples = Samples(X, y, train.sample_weight / train.sample_weight.mean())
        self.reach = Reach(validation.X)
        self.options = training_options(estimator, len(X))
        trainer = Trainer(self.samples, self.options, streams.shuffle, self.score)
        layers = hidden_layers(estimator)
        self.synthesis = Synthesis(scheme, trainer, self.score, self.growth_batch, layers)

    def start(self):
        """Network to start from: the fitted one for a warm start, else the scheme's seed."""
        e, dtype = self.estimator, self.samples.X.dtype
        shape = (e.n_features_in_, e.n_outputs_, self.synthesis.hidden_layer_sizes)
        if self.continues:
            previous = previous_network(e, self.scheme, shape)
            weight, bias = previous.weight.astype(dtype), previous.bias.astype(dtype)
            network = Network(previous.topology, weight, bias)
            # undo the folding: from raw X to scaled X
            return network.fold_input_scaling(-self.center / self.scale, 1 / self.scale)
        topology = self.scheme.start(*shape, self.streams.weights)
        check_topology(self.scheme, "start", topology, *shape[:2])
        network = Network.initialize(topology, self.streams.weights, dtype)
        network.bias[topology.n_hidden :] = self._best_constant()
        return network

    def _best_constant(self):
        """Outputs of the best constant classifier: rare classes don't have to be unlearnt."""
        n_classes, smoothing = len(self.estimator.classes_), self.options.label_smoothing
        share = np.bincount(self.train.y, self.samples.sample_weight, minlength=n_classes)
        share = (1 - smoothing) * share / share.sum() + smoothing / n_classes
        outputs = np.log(np.maximum(share, 1e-6))
        return outputs - outputs.mean() if n_classes > 2 else outputs[1] - outputs[0]

    def growth_batch(self):
        """Random samples for an operation to look at; all of them if there are few."""
        s, size = self.samples, self.scheme.growth_batch_size
        rows = np.flatnonzero(s.sample_weight)  # the others have no say
        if size < len(rows):
            rows = np.sort(self.streams.noise.choice(rows, size, replace=False))
        return GrowthBatch(
            s.X[rows],
            s.y[rows],
            s.sample_weight[rows],
            self.options.label_smoothing,
            self.streams.noise,
        )

    def attributes(self, network):
        """Fitted attributes of a network in the scale of training, for a throw-away estimator.

        Its data come as arrays: it knows no names of features.
        """
        return network_attributes(self.folded(network)) | {"feature_names_in_": None}

    def folded(self, network):
        """Network of raw X, of which every number has to be finite."""
        folded = network.fold_input_scaling(self.center, self.scale)
        if not (np.isfinite(folded.weight).all() and np.isfinite(folded.bias).all()):
            if not (np.isfinite(network.weight).all() and np.isfinite(network.bias).all()):
                raise DivergenceError("weights are", self.options)
            t = network.topology
            source = t.indices[~np.isfinite(folded.weight)]
            feature = source[0] if len(source) else np.argmax(np.abs(self.center / self.scale))
            raise unfit_feature(feature, self.scale[feature], folded.weight.dtype)
        return folded

    def try_scoring(self, network):
        """Raise before the training where the scorer can't do with a network of this kind."""
        with warnings.catch_warnings():  # about a network that has learnt nothing yet
            warnings.simplefilter("ignore")
            self._score(network)

    def score(self, network):
        """Validation score of a network."""
        score = self._score(network)
        if np.isnan(score):
            raise ValueError(
                f"scoring={self.estimator.scoring!r} gave {score} on the validation data: networks "
                "can't be compared by it."
            )
        return score

    def _score(self, network):
        fitted = copy.copy(self.estimator)
        folded = self.folded(network)
        if not self.reach.is_finite(folded):
            raise DivergenceError("outputs for the validation data are", self.options)
        vars(fitted).update(network_attributes(folded) | {"feature_names_in_": None})
        v = self.validation
        data = (v.X, self.estimator.classes_[v.y])
        weights = {}
        if (v.sample_weight != v.sample_weight[0]).any():
            weights["sample_weight"] = v.sample_weight
        return self.scorer(fitted, *data, **weights)

    def path(self):
        """The frontier as `path_`."""
        return [
            path_point(self.folded(point.network), point.score) for point in self.synthesis.frontier
        ]

    def ensure_result(self, bound):
        """Make sure of a checkpoint within the bound, after an interruption or a stop too.

        Where no network has come down to the bound, the latest is pruned to it, untrained.
        """
        s = self.synthesis
        latest = self.latest()
        if len(s.frontier) == 0:
            s.checkpoint(latest)
        if bound is not None and min(point.n_connections for point in s.frontier) > bound:
            prune = PruneConnections(bound, "saliency", epochs=0)
            if not s.trainer.reach.is_finite(latest):
                latest = next(iter(s.frontier)).network
            s.checkpoint(prune.apply(latest, self.growth_batch()))

    def salvage(self, bound):
        """Do as `ensure_result` after an interruption; false where nothing is worth keeping.

        That is before there is a network, and where training has diverged before its first
        checkpoint. An error here would take the place of the interruption.
        """
        if self.synthesis.network is None:
            return False
        try:
            self.ensure_result(bound)
        except ValueError:
            return False
        return True

    def latest(self):
        """The network as it is, in the middle of a training phase too."""
        return self.synthesis.trainer.latest() or self.synthesis.network


def training_options(estimator, n_samples):
    """Training parameters of an estimator."""
    names = set(TrainingOptions.__dataclass_fields__) - {"batch_size"}
    batch_size = estimator.batch_size
    if batch_size == "auto":
        batch_size = min(128, n_samples)
    return TrainingOptions(
        batch_size=min(batch_size, n_samples), **{name: getattr(estimator, name) for name in names}
    )


class Observer:
    """Reports rounds and epochs to scikit-learn's callbacks and, if asked, prints them.

    Parameters
    ----------
    fit : Fit
        The fit to report on.
    context : sklearn.callback.CallbackContext
        Root of the estimator's tree of tasks.
    """

    def __init__(self, fit, context):
        self.fit, self.context = fit, context
        self.stopped = False
        data = fit.train
        self.hook_data = {
            "estimator": fit.estimator,
            "X": data.X,
            "y": lambda: fit.estimator.classes_[data.y],
        }

    def _attributes(self):
        return self.fit.attributes(self.fit.latest())

    @contextmanager
    def round(self, number, epochs):
        """A round of the synthesis as a task with one subtask an epoch."""
        self.stopped = False
        self.task = self.context.subcontext(task_name="round", max_subtasks=epochs)
        self.task.call_on_fit_task_begin(**self.hook_data)
        yield self
        self.stopped = self.task.call_on_fit_task_end(
            **self.hook_data, reconstruction_attributes=self._attributes
        )
        if self.fit.estimator.verbose:
            s = self.fit.synthesis
            print(
                f"round {number}: {s.network.n_connections} connections, "
                f"{s.network.n_hidden} hidden neurons, validation score {s.last_score:.4f}",
                flush=True,
            )

    def epoch_ends(self):
        """Report an epoch; true if a callback asks to end the training phase."""
        epoch = self.task.subcontext(task_name="epoch")
        epoch.call_on_fit_task_begin(**self.hook_data)
        return epoch.call_on_fit_task_end(
            **self.hook_data, reconstruction_attributes=self._attributes
        )
