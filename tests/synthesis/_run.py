"""Training and synthesis without an estimator."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from contextlib import contextmanager

import numpy as np

from scann_sklearn import SCANNClassifier
from scann_sklearn.heads._classes import class_head
from scann_sklearn.network import Network
from scann_sklearn.synthesis._loop import Synthesis
from scann_sklearn.synthesis._steps import GrowthBatch
from scann_sklearn.training._objective import Objective
from scann_sklearn.training._options import TrainingOptions
from scann_sklearn.training._trainer import Trainer


def options_of(n_samples, **parameters):
    """Training options as the estimator would make them."""
    fixed = {"learning_rate_init": 0.02, "weight_decay": 1e-3, "batch_size": min(128, n_samples)}
    return TrainingOptions.of(SCANNClassifier(**fixed | parameters), n_samples)


def objective_of(X, y, sample_weight=None, smoothing=0.1):
    """Objective for classes that are numbers from 0 on."""
    head = class_head(np.arange(y.max() + 1 if y.ndim == 1 else y.shape[1]))
    return Objective(X, head.targets(y, sample_weight, smoothing, X.dtype), head)


def accuracy(X, y):
    """Score of a network: share of the samples that it classifies rightly."""

    def score(network):
        z = network.decision_function(X)
        predicted = z[:, 0] > 0 if z.shape[1] == 1 else z.argmax(axis=1)
        return (predicted == y).mean()

    return score


class Observer:
    """Counts rounds and epochs; stops a round after as many epochs as it is told."""

    def __init__(self, stop_in_round=None):
        self.stop_in_round = stop_in_round
        self.rounds, self.stopped = [], False

    @contextmanager
    def round(self, number, epochs):
        self.rounds.append({"number": number, "planned": epochs, "epochs": 0})
        yield self
        self.stopped = number == self.stop_in_round

    def epoch_ends(self):
        self.rounds[-1]["epochs"] += 1
        return False


def prepare(
    scheme,
    X,
    y,
    hidden_layer_sizes,
    score=None,
    training_score=None,
    constant_score=np.nan,
    seed=0,
    **parameters,
):
    """A synthesis and the network that it starts from."""
    objective = objective_of(X, y)
    score = accuracy(X, y) if score is None else score
    options = options_of(len(y), **parameters)
    trainer = Trainer(objective, options, np.random.default_rng([seed, 0]), score)
    noise = np.random.default_rng([seed, 1])

    def batch():
        return GrowthBatch(objective, noise)

    synthesis = Synthesis(
        scheme,
        trainer,
        score,
        batch,
        hidden_layer_sizes,
        training_score=training_score or score,
        constant_score=constant_score,
    )
    weights = np.random.default_rng([seed, 2])
    topology = scheme.start(X.shape[1], objective.head.n_outputs, hidden_layer_sizes, weights)
    return synthesis, Network.initialize(topology, weights, X.dtype)


def synthesise(scheme, X, y, hidden_layer_sizes, n_connections, observer=None, **parameters):
    """Run a scheme to its end."""
    scheme.validate()
    synthesis, network = prepare(scheme, X, y, hidden_layer_sizes, **parameters)
    synthesis.run(network, n_connections, observer or Observer())
    return synthesis
