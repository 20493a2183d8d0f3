"""Global magnitude pruning with torch.nn.utils.prune of a perceptron that skorch trains.

Both kinds start from a dense MLP with 100 hidden neurons and train with Adam by the defaults of
`SCANNClassifier`: batch size, label smoothing and weight decay are those that it takes for so many
samples, and the learning rate goes down along half a cosine in every phase; from 0.02, which suits
small networks, and in a second run from 0.005, which suits large ones. Pruning drops the smallest
weights of both layers together. It drops as few as leave the target number of connections *alive*:
a hidden neuron without inputs or outputs takes its other connections with it, and they make room
for others.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import copy
from math import cos, pi

import numpy as np
import torch
from skorch import NeuralNetClassifier
from skorch.callbacks import Callback
from torch import nn
from torch.nn.utils import prune

from benchmarks._scaling import scaled
from benchmarks.peers._points import SIZES, affordable, network_point, targets_down
from benchmarks.peers._recipe import recipe
from scann_sklearn.network import Network, Topology, _codes
from scann_sklearn.network._torch_losses import TorchLoss
from scann_sklearn.training._torch import Batches

HIDDEN = 100
RATES = (0.02, 0.005)
EPOCHS_DENSE, EPOCHS_ONE_SHOT, EPOCHS_STEP = 60, 40, 20


def one_shot(parts, scaling, seed, quick=False):
    """Train, prune once to each size, train again, at two learning rates.

    60 epochs for the dense network, 40 more for each of up to eight sizes: up to 380, twice.
    """
    points = []
    for rate in RATES[:1] if quick else RATES:
        net = _Net(scaled(parts, scaling), seed, rate)
        net.train(5 if quick else EPOCHS_DENSE)
        dense = net.state()
        points.append(net.point("dense"))
        for size in (100, 500) if quick else SIZES:
            if size < points[0]["connections"]:
                net.restore(dense)
                net.prune(size)
                net.train(5 if quick else EPOCHS_ONE_SHOT)
                points.append(net.point(f"at once to {size}"))
    return affordable(points)


def iterative(parts, scaling, seed, quick=False):
    """Train; prune at most a fifth and train again, down to 50 connections; at two learning rates.

    60 epochs for the dense network, 20 more after each pruning: 400 to 760 epochs, twice.
    """
    points = []
    for rate in RATES[:1] if quick else RATES:
        net = _Net(scaled(parts, scaling), seed, rate)
        net.train(5 if quick else EPOCHS_DENSE)
        points.append(net.point("dense"))
        targets = targets_down(points[0]["connections"], 100 if quick else SIZES[0])
        for target in targets[::4] if quick else targets:
            net.prune(target)
            net.train(1 if quick else EPOCHS_STEP)
            points.append(net.point(f"in steps to {target}"))
    return affordable(points)


class _Cosine(Callback):
    """Learning rate along half a cosine over the epochs of a phase."""

    def __init__(self, rate, n_epochs):
        self.rate, self.n_epochs, self.epoch = rate, n_epochs, 0

    def on_epoch_begin(self, net, **kwargs):
        for group in net.optimizer_.param_groups:
            group["lr"] = self.rate * 0.5 * (1 + cos(pi * self.epoch / self.n_epochs))
        self.epoch += 1


class _SkorchNet(NeuralNetClassifier):
    """Slices of tensors as batches, and a loss that knows one output for two classes."""

    def get_iterator(self, dataset, training=False):
        order = torch.Generator().manual_seed(self.order_seed)
        n = len(self.objective)
        return Batches(
            self.objective, self.batch_size, lambda: torch.randperm(n, generator=order), "cpu"
        )

    def get_loss(self, y_pred, y_true, X=None, training=False):
        return self.criterion_(y_pred, y_true)


class _Net:
    """A perceptron that is pruned and trained in turns.

    Parameters
    ----------
    parts : benchmarks._data.Parts
        Scaled data.
    seed : int
        Of the weights and of the order of samples.
    rate : float
        Learning rate at the start of a phase.
    """

    def __init__(self, parts, seed, rate):
        self.parts, self.rate = parts, rate
        self.objective, self.options = recipe(parts, rate)
        n_inputs, n_outputs = parts.X_train.shape[1], self.objective.head.n_outputs
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            self.module = nn.Sequential(
                nn.Linear(n_inputs, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, n_outputs)
            )
        self.layers = (self.module[0], self.module[2])
        for layer in self.layers:
            prune.identity(layer, "weight")
        self.phase = 1000 * seed

    def train(self, n_epochs):
        """Train what the masks leave, with a fresh optimizer."""
        net = _SkorchNet(
            self.module,
            criterion=TorchLoss,
            criterion__kind=self.objective.head.loss,
            criterion__numbers={_codes.SMOOTHING: self.objective.targets.smoothing},
            optimizer=torch.optim.Adam,
            optimizer__weight_decay=self.options.weight_decay,
            optimizer__param_groups=[("*bias", {"weight_decay": 0.0})],
            batch_size=self.options.batch_size,
            train_split=None,
            callbacks=[_Cosine(self.rate, n_epochs)],
            callbacks__epoch_timer=None,
            callbacks__train_loss=None,
            callbacks__valid_acc=None,
            callbacks__valid_loss=None,
            callbacks__print_log=None,
            verbose=0,
        ).initialize()
        self.phase += 1
        net.order_seed, net.objective = self.phase, self.objective
        net.fit_loop(self.objective.X, self.objective.targets.labels, epochs=n_epochs)
        self._apply_masks()

    def prune(self, n_connections):
        """Drop the smallest weights until so many connections are alive."""
        masks = [layer.weight_mask.numpy().astype(bool) for layer in self.layers]
        sizes = [layer.weight.detach().abs().numpy() for layer in self.layers]
        magnitudes = np.sort(np.concatenate([s[m] for s, m in zip(sizes, masks)]))[::-1]
        low, high = 0, len(magnitudes) + 1
        while high - low > 1:
            middle = (low + high) // 2
            kept = [m & (s >= magnitudes[middle - 1]) for s, m in zip(sizes, masks)]
            low, high = (middle, high) if _n_living(*kept) <= n_connections else (low, middle)
        prune.global_unstructured(
            [(layer, "weight") for layer in self.layers],
            prune.L1Unstructured,
            amount=len(magnitudes) - low,
        )

    def point(self, setting):
        """Record of the network as it is."""
        return network_point(f"{setting}, rate {self.rate}", self.network(), self.parts)

    def network(self):
        """The same network as one sparse matrix."""
        blocks = [
            (layer.weight_mask.numpy().astype(bool), layer.weight.detach().numpy())
            for layer in self.layers
        ]
        return two_layers(*blocks, *(layer.bias.detach().numpy() for layer in self.layers))

    def state(self):
        """Weights and masks."""
        return copy.deepcopy(self.module.state_dict())

    def restore(self, state):
        """Take weights and masks back."""
        self.module.load_state_dict(state)
        self._apply_masks()

    def _apply_masks(self):
        # `weight` is made of `weight_orig` and `weight_mask` in a forward pass, not before
        with torch.no_grad():
            self.module(torch.zeros(1, self.objective.X.shape[1]))


def two_layers(first, second, first_bias, second_bias, skip=None):
    """Network of one hidden layer from dense matrices.

    Parameters
    ----------
    first, second, skip : (ndarray of bool, ndarray of float)
        Mask and weights of inputs to hidden, hidden to outputs and, maybe, inputs to outputs;
        each of shape (n_targets, n_sources).
    first_bias, second_bias : ndarray
        Biases of the hidden neurons and of the outputs.
    skip : (ndarray of bool, ndarray of float), default=None
        The third block.

    Returns
    -------
    network : Network
        With dead neurons and all.
    """
    (n_hidden, n_inputs), n_outputs = first[0].shape, len(second_bias)
    zeros = np.zeros((n_hidden, n_hidden)), np.zeros((n_outputs, n_inputs))
    mask, weight = (
        np.block([[first[i], zeros[0]], [zeros[1] if skip is None else skip[i], second[i]]])
        for i in (0, 1)
    )
    mask = mask.astype(bool)
    layers = (n_hidden,) if skip is None else None
    topology = Topology.from_mask(mask, n_inputs, n_outputs, layers)
    bias = np.concatenate([first_bias, second_bias]).astype(np.float32)
    return Network(topology, weight[mask].astype(np.float32), bias)


def _n_living(first, second):
    """Connections on a path from an input to an output."""
    neurons = first.any(axis=1) & second.any(axis=0)
    return int(first[neurons].sum() + second[:, neurons].sum())
