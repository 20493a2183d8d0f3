"""Sparse training in the manner of RigL, on the operations and the engine of this library.

The number of connections stays the same during the whole training: every few epochs those with the
smallest weights are dropped and as many with the largest gradients come in, at zero. The share that
is exchanged falls along half a cosine from 0.3 to zero at three quarters of the training.

Two departures, both for the better at a few hundred connections: a neuron that loses all its inputs
or outputs goes for good and its other connections with it (they are grown anew elsewhere), and
connections may skip the hidden layer in one of the two kinds of start.

Evci, Gale, Menick, Castro, Elsen. Rigging the Lottery: Making All Tickets Winners, ICML 2020.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import product
from math import cos, pi

import numpy as np

from benchmarks._scaling import scaled
from benchmarks.peers._points import SIZES, network_point
from benchmarks.peers._recipe import recipe
from scann_sklearn.network import Network, Topology
from scann_sklearn.synthesis import prune_connections
from scann_sklearn.synthesis._operations import grow_for
from scann_sklearn.training._options import TrainingOptions
from scann_sklearn.training._trainer import Trainer

EPOCHS, EVERY, EXCHANGED, UNTIL = 400, 5, 0.3, 0.75
RATES, KINDS = (0.02, 0.005), ("layers", "free")
BATCH = 2048  # samples whose gradients decide what grows


def frontier(parts, scaling, seed, quick=False):
    """Each size of the comparison from random sparse starts, layered and free.

    400 epochs each by the defaults of `SCANNClassifier`, with the learning rate from 0.02
    or from 0.005 down along one half of a cosine: eight sizes, two starts, two rates.
    """
    data = scaled(parts, scaling)
    points = []
    for size in (100, 500) if quick else SIZES:
        for kind, rate in product(KINDS, RATES[:1] if quick else RATES):
            run = Run(*recipe(data, rate), size, seed)
            network = run.train(kind, 10 if quick else EPOCHS)
            points.append(network_point(f"{size}, {kind}, rate {rate}", network, data))
    return points


class Run:
    """Sparse training at one size.

    Parameters
    ----------
    objective : Objective
        Scaled data and what is asked for.
    options : TrainingOptions
        How the network is trained.
    size : int
        Number of connections.
    seed : int
        Of the start, the order of samples and the samples that growth looks at.

    Attributes
    ----------
    epochs : int
        How many have been trained.
    """

    def __init__(self, objective, options, size, seed):
        self.size, self.rng = size, np.random.default_rng([seed, size])
        self.objective, self.options = objective, options
        self.epochs = 0

    def train(self, kind, n_epochs):
        """Network of this size from a random start of a kind, or of these hidden layers."""
        return self.go_on(self._start(kind), n_epochs)

    def go_on(self, network, n_epochs):
        """Network of this size from one that has as many connections or fewer."""
        options = _Options.like(self.options, n_epochs)
        trainer = Trainer(self.objective, options, self.rng, None)
        network = self._grow(network)
        for done in range(0, n_epochs, EVERY):
            trainer.options = replace(options, done=done)
            network = trainer.train(network, min(EVERY, n_epochs - done), self._count)
            progress = (done + EVERY) / (UNTIL * n_epochs)
            if progress < 1:
                share = EXCHANGED * 0.5 * (1 + cos(pi * progress))
                network = prune_connections(network, round(network.n_connections * (1 - share)))
                network = self._grow(network)
        return network

    def _count(self, *_):
        self.epochs += 1
        return False

    def _grow(self, network):
        batch = self.objective.take(self.rng.permutation(len(self.objective))[:BATCH])
        return grow_for(network, batch, self.size)

    def _start(self, kind):
        """Random connections, of named kinds about eight a hidden neuron.

        Outputs start at the class shares.
        """
        head, targets, n_inputs = (
            self.objective.head,
            self.objective.targets,
            self.objective.X.shape[1],
        )
        n_hidden = int(np.clip(self.size // 8, 4, 100))
        layers = {"layers": (n_hidden,), "free": None}.get(kind, kind)
        shape = {"n_hidden": n_hidden} if layers is None else {"layer_sizes": layers}
        everything = Topology.dense(n_inputs, head.n_outputs, **shape)
        chance = self.rng.random(everything.n_connections)
        if layers is not None:  # Erdős-Rényi-Kernel: as many connections for each layer
            layer = np.searchsorted(np.cumsum(layers), everything.targets, side="right")
            chance **= np.bincount(layer)[layer] / len(layer)
        dtype = self.objective.X.dtype
        network = Network.initialize(everything, self.rng, dtype)
        topology = prune_connections(network, self.size, saliency=chance).topology
        network = Network.initialize(topology, self.rng, dtype)  # the scale follows the fan-in
        network.bias[network.n_hidden :] = head.start_bias(replace(targets, smoothing=0.0))
        return network


@dataclass(frozen=True)
class _Options(TrainingOptions):
    """Training options whose learning rate falls over the whole training, not over a phase."""

    done: int = 0
    total: int = 1

    @classmethod
    def like(cls, options, total):
        """The same options for so many epochs in all."""
        return cls(**{f.name: getattr(options, f.name) for f in fields(options)}, total=total)

    def rate(self, epoch, n_epochs):
        """Learning rate in an epoch of a phase."""
        return super().rate(self.done + epoch, self.total)
