"""How to train: the parameters of the estimator, and what its optimizer is elsewhere."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from math import cos, pi, sqrt
from typing import Any

import numpy as np

from scann_sklearn._constraints import python_number
from scann_sklearn.network import Network, _codes


@dataclass(frozen=True)
class Optimizer:
    """One optimizer, as both engines know it.

    Parameters
    ----------
    code : int
        What the compiled code calls it.
    torch_name : str
        Its class in `torch.optim`.
    moments : tuple of str
        What that class calls the moments of a parameter, in the order of `Network.moments`.
    """

    code: int
    torch_name: str
    moments: tuple[str, ...]


OPTIMIZERS = {
    "adam": Optimizer(_codes.ADAM, "Adam", ("exp_avg", "exp_avg_sq")),
    "adamw": Optimizer(_codes.ADAMW, "AdamW", ("exp_avg", "exp_avg_sq")),
    "sgd": Optimizer(_codes.SGD, "SGD", ("momentum_buffer",)),
}


LEARNING_RATE = 0.02  # of networks with few connections per neuron
_FREE_FAN_IN = 4


def batch_size(n_samples: int) -> int:
    """Default number of samples in a batch.

    At least 64 updates an epoch as far as batches of 16 allow; all samples where these are few.

    Parameters
    ----------
    n_samples : int
        Number of training samples.

    Returns
    -------
    batch_size : int
        At most 128.
    """
    return n_samples if n_samples <= 64 else min(max(n_samples // 64, 16), 128)


def weight_decay(n_samples: int, entropy: float = 1.0) -> float:
    """Default weight decay: the mean loss has to share it with so many samples.

    As in ridge regression it is the prior of a normal distribution of the weights, here of variance
    1/5, which counts once, however many samples there are; of few samples it would leave nothing.
    Where all but a few samples are of one class, the losses are as small as the entropy, and so is
    the prior.

    Parameters
    ----------
    n_samples : int
        Number of training samples.
    entropy : float, default=1.0
        That of the best constant prediction in bits; from 1 on, it doesn't matter.

    Returns
    -------
    weight_decay : float
        At most 0.03.
    """
    return min(0.03, 5 * min(1.0, entropy) / n_samples)


@dataclass(frozen=True)
class TrainingOptions:
    """How to train; the names are those of the estimators."""

    solver: str
    learning_rate: str
    learning_rate_init: float
    rate_follows_size: bool
    weight_decay: float
    momentum: float
    nesterovs_momentum: bool
    beta_1: float
    beta_2: float
    epsilon: float
    batch_size: int
    shuffle: bool
    max_epoch_samples: int | None
    early_stopping: bool
    n_iter_no_change: int
    tol: float
    engine: str
    device: str

    def __post_init__(self) -> None:
        # torch's optimizers take Python's own numbers only
        for field in fields(self):
            kind: Any = {"bool": bool, "int": int, "float": float}.get(str(field.type))
            if kind is not None:
                object.__setattr__(self, field.name, kind(getattr(self, field.name)))

    @classmethod
    def of(cls, estimator: Any, n_samples: int, entropy: float = 1.0) -> TrainingOptions:
        """Training parameters of an estimator.

        Parameters
        ----------
        estimator : SCANNClassifier
            Its parameters are valid.
        n_samples : int
            Number of training samples.
        entropy : float, default=1.0
            See `Head.entropy`.

        Returns
        -------
        options : TrainingOptions
            Its parameters, with numbers for "auto".
        """
        own = {"rate_follows_size"}
        names = [f.name for f in fields(cls) if f.name not in own]
        given = {name: python_number(getattr(estimator, name)) for name in names}
        given["rate_follows_size"] = given["learning_rate_init"] == "auto"
        if given["learning_rate_init"] == "auto":
            given["learning_rate_init"] = LEARNING_RATE
        if given["batch_size"] == "auto":
            given["batch_size"] = batch_size(n_samples)
        if given["weight_decay"] == "auto":
            given["weight_decay"] = weight_decay(n_samples, entropy)
        given["batch_size"] = min(given["batch_size"], n_samples)
        return cls(**given)

    @property
    def optimizer(self) -> Optimizer:
        """The optimizer that `solver` names."""
        return OPTIMIZERS[self.solver]

    def epoch_size(self, n_samples: int) -> int:
        """Number of samples that an epoch trains on.

        Parameters
        ----------
        n_samples : int
            Number of training samples.

        Returns
        -------
        size : int
            All of them, or `max_epoch_samples` where that is less, but a whole batch.
        """
        if self.max_epoch_samples is None or not self.shuffle:
            return n_samples
        return min(n_samples, max(self.max_epoch_samples, self.batch_size))

    def for_size(self, network: Network) -> TrainingOptions:
        """Options with the learning rate for a network where that follows its size.

        Every step moves all weights of a neuron: the more there are, the further it moves its
        output. So the rate falls with the square root of the mean number of connections of a
        neuron, from four on.

        Parameters
        ----------
        network : Network
            The network to train.

        Returns
        -------
        options : TrainingOptions
            For a phase between two operations.
        """
        if not self.rate_follows_size:
            return self
        fan_in = network.n_connections / network.n_biases
        factor = min(1.0, sqrt(_FREE_FAN_IN / fan_in))
        return replace(self, learning_rate_init=factor * self.learning_rate_init)

    def rate(self, epoch: int, n_epochs: int) -> float:
        """Learning rate in an epoch (from 0) of a training phase."""
        if self.learning_rate == "constant":
            return self.learning_rate_init
        return self.learning_rate_init * 0.5 * (1 + cos(pi * epoch / n_epochs))

    def numbers(self, rate: float, loss_numbers: dict[int, float], dtype: np.dtype) -> np.ndarray:
        """The numbers of an epoch as the compiled code takes them.

        Parameters
        ----------
        rate : float
            Learning rate.
        loss_numbers : dict of int to float
            Numbers of the loss, by their codes.
        dtype : dtype
            Of the network.

        Returns
        -------
        numbers : ndarray
            In the order of their codes, and a free place.
        """
        numbers = np.zeros(_codes.N_NUMBERS, dtype)
        numbers[_codes.LEARNING_RATE] = rate
        numbers[_codes.WEIGHT_DECAY] = self.weight_decay
        numbers[_codes.BETA_1], numbers[_codes.BETA_2] = self.beta_1, self.beta_2
        numbers[_codes.EPSILON] = min(self.epsilon, float(np.finfo(dtype).max))
        numbers[_codes.MOMENTUM], numbers[_codes.NESTEROV] = self.momentum, self.nesterovs_momentum
        for place, number in loss_numbers.items():
            numbers[place] = number
        return numbers

    def moments_of(self, network) -> tuple[tuple[np.ndarray, np.ndarray], ...]:
        """What the optimizer remembers of a network; zeros where it is new.

        Parameters
        ----------
        network : Network
            The network.

        Returns
        -------
        moments : tuple of (ndarray, ndarray)
            A pair of arrays like `weight` and `bias` for each of the optimizer's moments.

        Raises
        ------
        ValueError
            If the network remembers another optimizer.
        """
        names = self.optimizer.moments
        pairs = network.moments or tuple(
            (np.zeros_like(network.weight), np.zeros_like(network.bias)) for _ in names
        )
        if len(pairs) != len(names):
            raise ValueError(
                f"The network has {len(pairs)} pairs of moments, but solver={self.solver!r} "
                f"remembers {len(names)}."
            )
        return pairs
