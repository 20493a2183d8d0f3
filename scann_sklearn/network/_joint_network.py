"""A network that is trained together with the torch module ahead of it."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Self

from scann_sklearn.network._network import Network


@dataclass(frozen=True, eq=False)
class ModuleState:
    """What a module was at one time; nobody changes these tensors.

    Parameters
    ----------
    values : dict of str to torch.Tensor
        Parameters and buffers.
    moments : dict of str to dict, default={}
        What an optimizer remembers of each parameter.
    """

    values: dict[str, Any]
    moments: dict[str, dict[str, Any]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class JointNetwork(Network):
    """A network and the state of the module whose output it reads.

    Operations change the network only, and every network that comes of one has the same state.

    Parameters
    ----------
    extractor : ModuleState
        The state.
    """

    extractor: ModuleState = field(kw_only=True)

    def without_moments(self) -> JointNetwork:
        """Drop what the optimizer remembers."""
        return self._of(super().without_moments())

    def fold_input_scaling(self, center, scale) -> JointNetwork:
        """Network that reads raw output of the module where this one reads a scaled one."""
        return self._of(super().fold_input_scaling(center, scale))

    def fold_output_scaling(self, center, scale) -> JointNetwork:
        """Network with the outputs scale * z + center where this one has z."""
        return self._of(super().fold_output_scaling(center, scale))

    def _of(self, network) -> Self:
        """The same without an optimizer's memory, with the numbers of another network."""
        state = replace(self.extractor, moments={})
        values = {"weight": network.weight, "bias": network.bias, "extractor": state}
        return replace(self, moments=(), n_updates=0, **values)
