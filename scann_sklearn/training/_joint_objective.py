"""An objective whose samples are what a module makes of X while it is trained."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from typing import Any

from scann_sklearn.heads._head import Head
from scann_sklearn.heads._targets import Targets
from scann_sklearn.network._joint_network import JointNetwork
from scann_sklearn.training._objective import Objective


class JointObjective(Objective):
    """What a network and the module ahead of it should do.

    Parameters
    ----------
    samples : Samples
        What the module makes of the training samples before it is trained, scaled.
    targets : Targets
        What is to be learnt about them.
    head : Head
        What the outputs mean.
    source : JointTraining
        The module, the samples that it gets, and their scaling.
    """

    def __init__(self, samples: Any, targets: Targets, head: Head, source: Any) -> None:
        super().__init__(samples, targets, head)
        self.source = source
        self._values = source.start.values

    def follow(self, network) -> bool:
        """Make the samples those that a network reads.

        Parameters
        ----------
        network : Network
            With the state of its module.

        Returns
        -------
        changed : bool
            Whether they were others.
        """
        if not isinstance(network, JointNetwork) or network.extractor.values is self._values:
            return False
        self.samples = self.source.samples(network.extractor)
        self._values = network.extractor.values
        return True
