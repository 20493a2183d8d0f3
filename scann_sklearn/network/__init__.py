"""What a network is: one sparse matrix, its counts and the code that computes it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from typing import TYPE_CHECKING

from scann_sklearn._lazy import attach

if TYPE_CHECKING:
    from scann_sklearn.network._module import SparseNetwork as SparseNetwork
    from scann_sklearn.network._network import Network as Network
    from scann_sklearn.network._topology import Topology as Topology

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "_module": ["SparseNetwork"],
        "_network": ["Network"],
        "_topology": ["Topology"],
    },
)
