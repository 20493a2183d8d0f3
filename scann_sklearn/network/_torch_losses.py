"""The losses once more in torch, by the same codes as the compiled ones."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from torch import Tensor, nn

from scann_sklearn.network._codes import LOGISTIC, SOFTMAX


def _logistic(output, labels, values, smoothing) -> Tensor:
    target = labels.to(output.dtype) * (1 - smoothing) + smoothing / 2
    if values is not None:
        target = values[:, 0]
    return nn.functional.binary_cross_entropy_with_logits(output[:, 0], target, reduction="none")


def _softmax(output, labels, values, smoothing) -> Tensor:
    if values is not None:
        return nn.functional.cross_entropy(output, values, reduction="none")
    return nn.functional.cross_entropy(output, labels, reduction="none", label_smoothing=smoothing)


_LOSSES = {LOGISTIC: _logistic, SOFTMAX: _softmax}


class TorchLoss(nn.Module):
    """Mean over the batch of weight times loss.

    Parameters
    ----------
    kind : int
        Code of the loss.
    smoothing : float
        Share of the uniform distribution in targets that are made of labels.
    """

    def __init__(self, kind, smoothing) -> None:
        super().__init__()
        self.function, self.smoothing = _LOSSES[kind], smoothing

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
        return (weight * self.function(output, labels, values, self.smoothing)).mean()
