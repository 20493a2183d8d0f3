"""The losses once more in torch, by the same codes as the compiled ones."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import torch
from torch import Tensor, nn

from scann_sklearn.network._codes import (
    ABSOLUTE,
    BERNOULLI,
    DELTA,
    DISTILLATION,
    EXITS,
    HUBER,
    LOGISTIC,
    N_EXITS,
    SMOOTHING,
    SOFTMAX,
    SQUARED,
    TEMPERATURE,
)


def _logistic(output, labels, values, numbers) -> Tensor:
    smoothing = numbers[SMOOTHING]
    target = labels.to(output.dtype) * (1 - smoothing) + smoothing / 2
    if values is not None:
        target = values[:, 0]
    return nn.functional.binary_cross_entropy_with_logits(output[:, 0], target, reduction="none")


def _softmax(output, labels, values, numbers) -> Tensor:
    if values is not None:
        return nn.functional.cross_entropy(output, values, reduction="none")
    return nn.functional.cross_entropy(
        output, labels, reduction="none", label_smoothing=numbers[SMOOTHING]
    )


def _bernoulli(output, labels, values, numbers) -> Tensor:
    cross_entropy = nn.functional.binary_cross_entropy_with_logits
    return cross_entropy(output, values, reduction="none").sum(1)


def _squared(output, labels, values, numbers) -> Tensor:
    return nn.functional.mse_loss(output, values, reduction="none").sum(1) / 2


def _absolute(output, labels, values, numbers) -> Tensor:
    return nn.functional.l1_loss(output, values, reduction="none").sum(1)


def _huber(output, labels, values, numbers) -> Tensor:
    loss = nn.functional.huber_loss(output, values, reduction="none", delta=numbers[DELTA])
    return loss.sum(1)


def _softened(output, temperature) -> Tensor:
    """Logarithms of probabilities at a temperature."""
    if output.shape[1] == 1:  # the logistic function is the softmax of (0, z)
        output = torch.cat([torch.zeros_like(output), output], dim=1)
    return torch.log_softmax(output / temperature, dim=1)


def _exits(output, labels, values, numbers) -> Tensor:
    *shallow, deepest = output.chunk(int(numbers[N_EXITS]), dim=1)
    share, temperature = numbers[DISTILLATION], numbers[TEMPERATURE]
    own = _logistic if deepest.shape[1] == 1 else _softmax
    wanted = _softened(deepest.detach(), temperature)
    loss = own(deepest, labels, values, numbers)
    for part in shallow:
        divergence = (wanted.exp() * (wanted - _softened(part, temperature))).sum(1)
        loss = loss + (1 - share) * own(part, labels, values, numbers)
        loss = loss + share * temperature**2 * divergence
    return loss


_LOSSES = {
    LOGISTIC: _logistic,
    SOFTMAX: _softmax,
    BERNOULLI: _bernoulli,
    SQUARED: _squared,
    ABSOLUTE: _absolute,
    HUBER: _huber,
    EXITS: _exits,
}


class TorchLoss(nn.Module):
    """Mean over the batch of weight times loss.

    Parameters
    ----------
    kind : int
        Code of the loss.
    numbers : dict of int to float
        Numbers that the loss takes, by their codes.
    """

    def __init__(self, kind, numbers) -> None:
        super().__init__()
        self.function, self.numbers = _LOSSES[kind], numbers

    def forward(self, output, target) -> Tensor:
        """Compute the loss of a batch.

        Parameters
        ----------
        output : torch.Tensor of shape (n_samples, n_outputs)
            Outputs of the network.
        target : tuple of torch.Tensor
            Labels, values of shape (n_samples, n_outputs) or None, and weights.

        Returns
        -------
        loss : torch.Tensor
            A number.
        """
        labels, values, weight = target
        return (weight * self.function(output, labels, values, self.numbers)).mean()
