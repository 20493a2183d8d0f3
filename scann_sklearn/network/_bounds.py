"""How large the values of a network can become, from its weights alone."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import numpy as np

from scann_sklearn.network._compile import kernel
from scann_sklearn.network._network import Network
from scann_sklearn.network._samples import as_samples


class Reach:
    """What the samples of one data set can do to a network.

    Parameters
    ----------
    X : ndarray or scipy.sparse CSR of shape (n_samples, n_inputs), or Samples
        The samples.
    """

    def __init__(self, X) -> None:
        self.samples = as_samples(X)
        low, high = self.samples.bounds()
        self.size = np.maximum(high, -low).astype(np.float64)

    def is_finite(self, network: Network) -> bool:
        """Whether a network's weights and its outputs for the samples are finite.

        Parameters
        ----------
        network : Network
            The network.

        Returns
        -------
        finite : bool
            A bound by the sizes of weights and inputs decides for most networks; the samples go
            through the others.
        """
        if not (np.isfinite(network.weight).all() and np.isfinite(network.bias).all()):
            return False
        n_inputs, _, *csr = network.graph
        size = self.size.reshape(n_inputs, -1).max(axis=1)  # of features, or of maps of an image
        bound = largest_value(n_inputs, *csr, network.weight, network.bias, size)
        if bound < float(np.finfo(network.weight.dtype).max) / 4:
            return True
        return bool(np.isfinite(self.samples.outputs(network)).all())


@kernel(fastmath=False)  # infinities have to stay what they are
def largest_value(n_inputs, indptr, indices, weight, bias, size) -> float:
    """Bound on every sum of every target where no input is larger than its `size`."""
    reach = np.empty(bias.shape[0])
    largest = 0.0
    for t in range(bias.shape[0]):
        total = abs(np.float64(bias[t]))
        for j in range(indptr[t], indptr[t + 1]):
            s = indices[j]
            source = size[s] if s < n_inputs else reach[s - n_inputs]
            total += abs(np.float64(weight[j])) * source
        reach[t] = total
        if not total <= largest:
            largest = total
    return largest
