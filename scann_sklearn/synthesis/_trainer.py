"""Training between two operations: skorch owns it, an engine computes it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, fields, replace
from math import cos, pi

import numpy as np
import torch
from torch import nn
from torch.utils.data import Dataset

from scann_sklearn.network import _training
from scann_sklearn.network._bounds import Reach
from scann_sklearn.network._exponential import scratch
from scann_sklearn.network._gradients import split_targets
from scann_sklearn.network._module import SparseNetwork
from scann_sklearn.synthesis._divergence import DivergenceError
from scann_sklearn.synthesis._engine import choose_engine
from scann_sklearn.synthesis._fork import keep_torch_from_waiting
from scann_sklearn.synthesis._skorch import Callback, NeuralNetClassifier, unpack_data

_OPTIMIZERS = {"adam": torch.optim.Adam, "adamw": torch.optim.AdamW, "sgd": torch.optim.SGD}
_KINDS = {"adam": _training.ADAM, "adamw": _training.ADAMW, "sgd": _training.SGD}
# What torch's optimizers call the moments of a parameter, in the order of Network.moments.
_MOMENTS: dict[str, tuple[str, ...]] = {
    "adam": ("exp_avg", "exp_avg_sq"),
    "adamw": ("exp_avg", "exp_avg_sq"),
    "sgd": ("momentum_buffer",),
}


@dataclass(frozen=True)
class TrainingOptions:
    """How to train; the names are those of `SCANNClassifier`."""

    solver: str
    learning_rate: str
    learning_rate_init: float
    weight_decay: float
    momentum: float
    nesterovs_momentum: bool
    beta_1: float
    beta_2: float
    epsilon: float
    batch_size: int
    shuffle: bool
    label_smoothing: float
    early_stopping: bool
    n_iter_no_change: int
    tol: float
    engine: str
    device: str

    def __post_init__(self):
        # torch's optimizers take Python's own numbers only
        for field in fields(self):
            kind = {"bool": bool, "int": int, "float": float}.get(str(field.type))
            if kind is not None:
                object.__setattr__(self, field.name, kind(getattr(self, field.name)))

    def rate(self, epoch, n_epochs):
        """Learning rate in an epoch (from 0) of a training phase."""
        if self.learning_rate == "constant":
            return self.learning_rate_init
        return self.learning_rate_init * 0.5 * (1 + cos(pi * epoch / n_epochs))


class Samples(Dataset):
    """Training data in memory, also feature-major for the compiled engine.

    Parameters
    ----------
    X : ndarray of shape (n_samples, n_inputs)
        Scaled samples.
    y : ndarray of int of shape (n_samples,) or of float of shape (n_samples, n_classes)
        Class of each sample, from 0 on, or its distribution over the classes.
    sample_weight : ndarray of shape (n_samples,)
        Weights with mean one.
    """

    def __init__(self, X, y, sample_weight):
        self.X = np.ascontiguousarray(X)
        self.y = y.astype(np.int64 if y.ndim == 1 else self.X.dtype, copy=False)
        self.sample_weight = sample_weight.astype(self.X.dtype, copy=False)
        self._feature_major = self._targets = None

    def targets(self, n_outputs):
        """Labels and probabilities as the compiled engine takes them."""
        if self._targets is None:
            self._targets = split_targets(self.y, len(self.y), n_outputs, self.X.dtype)
        return self._targets

    @property
    def feature_major(self):
        """X with one row a feature."""
        if self._feature_major is None:
            self._feature_major = np.ascontiguousarray(self.X.T)
        return self._feature_major

    def __len__(self):
        return len(self.y)

    def __getitem__(self, rows):
        return self.X[rows], (self.y[rows], self.sample_weight[rows])


class Batches:
    """Iterate over slices of tensors; every pass asks for a new order."""

    def __init__(self, samples, batch_size, next_order, device):
        self.tensors = [
            torch.as_tensor(a, device=device) for a in (samples.X, samples.y, samples.sample_weight)
        ]
        self.batch_size, self.next_order = batch_size, next_order

    def __iter__(self):
        order = torch.as_tensor(self.next_order(), device=self.tensors[0].device)
        for rows in order.split(self.batch_size):
            X, y, sample_weight = (tensor[rows] for tensor in self.tensors)
            yield X, (y, sample_weight)


class WeightedCrossEntropy(nn.Module):
    """Mean over the batch of weight times loss; logistic for one output, else softmax.

    Labels are smoothed, distributions over the classes are taken as they are.
    """

    def __init__(self, label_smoothing=0.0):
        super().__init__()
        self.label_smoothing = label_smoothing

    def forward(self, output, target):
        """Return the loss of a batch."""
        y, weight = target
        smoothing = self.label_smoothing if y.ndim == 1 else 0.0
        if output.shape[1] == 1:
            second = y.to(output.dtype) if y.ndim == 1 else y[:, 1]
            soft = second * (1 - smoothing) + smoothing / 2
            losses = nn.functional.binary_cross_entropy_with_logits(
                output[:, 0], soft, reduction="none"
            )
        else:
            losses = nn.functional.cross_entropy(
                output, y, reduction="none", label_smoothing=smoothing
            )
        return (weight * losses).mean()


class _PhaseEnd(Exception):
    """Training of a phase ends before its last epoch."""


class _Phase(Callback):
    """Learning rate, report and early end of a phase."""

    def __init__(self, options, n_epochs, on_epoch, validation_score):
        self.options, self.n_epochs, self.on_epoch = options, n_epochs, on_epoch
        self.validation_score = validation_score
        self.epoch, self.best, self.waited = 0, -np.inf, 0
        self.best_network = None

    def on_epoch_begin(self, net, **kwargs):
        rate = self.options.rate(self.epoch, self.n_epochs)
        for group in net.optimizer_.param_groups:
            group["lr"] = rate

    def on_epoch_end(self, net, **kwargs):
        self.epoch += 1
        self._check_finite(net)
        rate = net.optimizer_.param_groups[0]["lr"]
        stop = self.on_epoch(self.epoch, net.train_loss, rate)
        if stop or (self.options.early_stopping and self._no_progress(net)):
            raise _PhaseEnd

    def _check_finite(self, net):
        if not np.isfinite(net.train_loss):
            raise DivergenceError("the loss is", self.options)
        if not all(torch.isfinite(p).all() for p in (net.module_.weight, net.module_.bias)):
            raise DivergenceError("weights are", self.options)

    def _no_progress(self, net):
        network = net.current_network()
        score = self.validation_score(network)
        self.waited = 0 if score > self.best + self.options.tol else self.waited + 1
        if score > self.best:
            self.best, self.best_network = score, network.copy()
        return self.waited >= self.options.n_iter_no_change


class SynthesisNet(NeuralNetClassifier):
    """The skorch net that trains between operations; private to a fit.

    An epoch goes to the compiled engine as a whole, or batch by batch through torch.
    """

    def prepare(self, network, options, next_order):
        """Take a network over, with its optimizer's memory."""
        self.options, self.next_order, self.source = options, next_order, network
        self.compiled = choose_engine(network.topology, options) == "compiled"
        self.module__network = network
        if not self.initialized_:
            self.initialize()
        else:
            self._initialize_module()
            self._initialize_optimizer()
        self._restore_moments(network)
        return self

    def initialize_module(self):
        """Make the module that holds the network's arrays."""
        self.module_ = SparseNetwork(self.module__network, self.device)
        return self

    def _restore_moments(self, network):
        names = _MOMENTS[self.options.solver]
        pairs = network.moments or [
            (np.zeros_like(network.weight), np.zeros_like(network.bias)) for _ in names
        ]
        if len(pairs) != len(names):
            raise ValueError(
                f"The network has {len(pairs)} pairs of moments, but solver="
                f"{self.options.solver!r} remembers {len(names)}."
            )
        for i, parameter in enumerate((self.module_.weight, self.module_.bias)):
            state = self.optimizer_.state[parameter]
            for name, pair in zip(names, pairs, strict=True):
                state[name] = torch.as_tensor(pair[i], device=self.device)
            if self.options.solver != "sgd":
                state["step"] = torch.tensor(float(network.n_updates))
        self.n_updates_ = network.n_updates

    def current_network(self):
        """Network with the weights, biases and moments as they are now."""
        weight, bias = self.module_.weight, self.module_.bias
        states = [self.optimizer_.state[p] for p in (weight, bias)]
        moments = tuple(
            tuple(_array(state[name]) for state in states) for name in _MOMENTS[self.options.solver]
        )
        return replace(
            self.source,
            weight=_array(weight),
            bias=_array(bias),
            moments=moments,
            n_updates=self.n_updates_,
        )

    def get_iterator(self, dataset, training=False):
        """Slices of tensors instead of a DataLoader, which collates row by row."""
        if self.compiled:
            return dataset
        return Batches(dataset, self.options.batch_size, self.next_order, self.device)

    def get_loss(self, y_pred, y_true, X=None, training=False):
        """Loss of a batch."""
        return self.criterion_(y_pred, y_true)

    def run_single_epoch(self, iterator, training, prefix, step_fn, **fit_params):
        """Train on every sample once."""
        if iterator is None:
            return
        self.train_loss = (
            self._compiled_epoch(iterator) if self.compiled else self._torch_epoch(iterator)
        )
        self.history.record("train_loss", self.train_loss)

    def _torch_epoch(self, batches):
        self.module_.train()
        total, rows = 0.0, 0
        for batch in batches:
            step = self.train_step(batch)
            X, _ = unpack_data(batch)
            total = total + step["loss"].detach() * len(X)
            rows += len(X)
            self.n_updates_ += 1
        return float(total) / rows

    def _compiled_epoch(self, samples):
        options, topology = self.options, self.module_.topology
        weight, bias = (_array(p) for p in (self.module_.weight, self.module_.bias))
        states = [self.optimizer_.state[p] for p in (self.module_.weight, self.module_.bias)]
        names = _MOMENTS[options.solver]
        first, second = names[0], names[-1]  # SGD has one moment: the second isn't touched
        labels, soft = samples.targets(topology.n_outputs)
        loss = _training.train_epoch(
            samples.feature_major, labels, soft, samples.sample_weight, self.next_order(),
            options.batch_size, topology.n_outputs, *topology.csr,
            topology.used_inputs.copy(), weight, bias, _KINDS[options.solver],
            self._numbers(samples.X.dtype), self.n_updates_,
            _array(states[0][first]), _array(states[0][second]),
            _array(states[1][first]), _array(states[1][second]),
            scratch(options.batch_size, samples.X.dtype),
        )  # fmt: skip
        self.n_updates_ += -(-len(samples) // options.batch_size)
        for state in states:
            if "step" in state:
                state["step"].fill_(self.n_updates_)
        return loss

    def _numbers(self, dtype):
        o, t = self.options, _training
        numbers = np.zeros(t.SMOOTHING + 2, dtype)
        numbers[t.LEARNING_RATE] = self.optimizer_.param_groups[0]["lr"]
        numbers[t.WEIGHT_DECAY] = o.weight_decay
        numbers[t.BETA_1], numbers[t.BETA_2], numbers[t.EPSILON] = o.beta_1, o.beta_2, o.epsilon
        numbers[t.MOMENTUM], numbers[t.NESTEROV] = o.momentum, o.nesterovs_momentum
        numbers[t.SMOOTHING] = o.label_smoothing
        return numbers


class Trainer:
    """Trains networks on one set of samples.

    Parameters
    ----------
    samples : Samples
        The training data.
    options : TrainingOptions
        How to train.
    rng : numpy.random.Generator
        Source of the order of the samples.
    validation_score : callable
        Validation score of a network, for early stopping.
    """

    def __init__(self, samples, options, rng, validation_score):
        self.samples, self.options, self.rng, self.in_phase = samples, options, rng, False
        self.validation_score = validation_score
        self.reach = Reach(samples.X)
        keep_torch_from_waiting()
        self.net = SynthesisNet(
            SparseNetwork,
            criterion=WeightedCrossEntropy,
            criterion__label_smoothing=options.label_smoothing,
            optimizer=_OPTIMIZERS[options.solver],
            lr=options.learning_rate_init,
            **_optimizer_parameters(options),
            iterator_train=None,
            train_split=None,
            callbacks="disable",
            device=options.device,
            verbose=0,
        )

    def train(self, network, n_epochs, on_epoch):
        """Train a network.

        Parameters
        ----------
        network : Network
            The network; its arrays aren't changed.
        n_epochs : int
            Number of epochs of this phase.
        on_epoch : callable
            Called with the epoch (from 1), the loss and the learning rate; true ends the phase.

        Returns
        -------
        network : Network
            The trained network.

        Raises
        ------
        DivergenceError
            If the loss or weights are not finite after an epoch.
        """
        if n_epochs == 0:
            return network
        net = self.net.prepare(network.copy(), self.options, self._next_order)
        self.in_phase = True
        phase = _Phase(self.options, n_epochs, on_epoch, self.validation_score)
        net.callbacks_ = [("phase", phase)]
        with suppress(_PhaseEnd):
            net.fit_loop(self.samples, epochs=n_epochs)
        trained = phase.best_network or net.current_network()
        self.in_phase = False
        return trained

    def check(self, network):
        """Raise where training has gone to infinity.

        Parameters
        ----------
        network : Network
            A network in the scale of training.

        Raises
        ------
        DivergenceError
            If its weights, or its outputs for the training data, are not finite.
        """
        if not self.reach.is_finite(network):
            raise DivergenceError("outputs are", self.options)

    def latest(self):
        """Network as it is now, in the middle of a phase; None outside of one."""
        return self.net.current_network() if self.in_phase else None

    def _next_order(self):
        n = len(self.samples)
        if not self.options.shuffle or self.options.batch_size >= n:
            return np.arange(n)
        return _training.shuffled(self.rng.random(n))


def _optimizer_parameters(options):
    # A bias isn't shrunk, as in scikit-learn's MLP.
    parameters = {
        "optimizer__weight_decay": options.weight_decay,
        "optimizer__param_groups": [("bias", {"weight_decay": 0.0})],
    }
    if options.solver == "sgd":
        parameters["optimizer__momentum"] = options.momentum
        parameters["optimizer__nesterov"] = options.nesterovs_momentum and options.momentum > 0
    else:
        parameters["optimizer__betas"] = (options.beta_1, options.beta_2)
        parameters["optimizer__eps"] = options.epsilon
    return parameters


def _array(tensor):
    return tensor.detach().cpu().numpy()
