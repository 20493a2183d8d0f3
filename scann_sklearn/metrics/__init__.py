"""What one inference costs: energy, connections, operations and bytes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from typing import TYPE_CHECKING

from scann_sklearn._lazy import attach

if TYPE_CHECKING:
    from scann_sklearn.metrics._energy import (
        EnergyModel as EnergyModel,
        OperationCounts as OperationCounts,
        energy_score as energy_score,
    )
    from scann_sklearn.metrics._size import (
        bytes_score as bytes_score,
        connections_score as connections_score,
        flops as flops,
        n_bytes as n_bytes,
        n_connections as n_connections,
        n_parameters as n_parameters,
    )

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "_energy": ["EnergyModel", "OperationCounts", "energy_score"],
        "_size": [
            "bytes_score",
            "connections_score",
            "flops",
            "n_bytes",
            "n_connections",
            "n_parameters",
        ],
    },
)
