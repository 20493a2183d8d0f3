"""A feature extractor that is trained together with the network: its samples and its states."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import copy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.sparse import issparse

from scann_sklearn.estimators._data import Part
from scann_sklearn.estimators._extractor import TrainedExtractor, dtype_and_device
from scann_sklearn.estimators._scaling import InputScaling
from scann_sklearn.network._joint_network import JointNetwork, ModuleState
from scann_sklearn.network._samples import Samples

if TYPE_CHECKING:
    import torch


@dataclass(eq=False)
class JointTraining:
    """What the joint training of a module and a network needs beside the network.

    Parameters
    ----------
    extractor : TrainedExtractor
        The module as the fit began.
    train : Part
        The training part, with the features of that module.
    scaling : InputScaling
        Of those features; it stays as it is.
    device : str
        Where features are computed.
    """

    extractor: TrainedExtractor
    train: Part
    scaling: InputScaling
    device: str

    def __post_init__(self) -> None:
        values = self.extractor.module.state_dict()
        self.start = ModuleState({name: value.clone() for name, value in values.items()})
        self._known: dict[int, tuple[Any, Any, np.ndarray]] = {}

    def join(self, network) -> JointNetwork:
        """A network of features together with the module as the fit began."""
        own = (network.topology, network.weight, network.bias, network.moments, network.n_updates)
        return JointNetwork(*own, extractor=self.start)

    def copy_of(self, state: ModuleState) -> tuple[torch.nn.Module, Any]:
        """A module in a state, and the dtype that it takes."""
        module = copy.deepcopy(self.extractor.module)
        module.load_state_dict(state.values)
        return module, dtype_and_device(module)["dtype"]

    def extractor_of(self, state: ModuleState | None) -> TrainedExtractor:
        """What is ahead of a network, with a module of its own.

        Parameters
        ----------
        state : ModuleState or None
            That of its module; None: as the fit began.

        Returns
        -------
        extractor : TrainedExtractor
            On the CPU.
        """
        if state is None:
            return self.extractor
        return replace(self.extractor, module=self.copy_of(state)[0].eval())

    def inputs(self, state: ModuleState | None, part: Part) -> np.ndarray:
        """What a network reads of samples; that of the last state is remembered.

        Parameters
        ----------
        state : ModuleState or None
            That of its module; None: as the fit began.
        part : Part
            The samples.

        Returns
        -------
        features : ndarray of shape (n_samples, n_read)
            Not scaled.
        """
        if state is None or state.values is self.start.values:
            return part.inputs
        values = state.values
        known = self._known.get(id(part))
        if known is None or known[0] is not values or known[1] is not part:
            extractor = self.extractor_of(state)
            extractor.module.to(self.device)
            features = extractor.read(part.X).astype(part.inputs.dtype, copy=False)
            known = self._known[id(part)] = (values, part, features)
        return known[2]

    def samples(self, state: ModuleState) -> Samples:
        """The training samples as a network behind a module in this state sees them."""
        return self.scaling.apply(self.inputs(state, self.train))

    def dense(self, rows: np.ndarray) -> np.ndarray:
        """Some training samples as the module takes them: a copy.

        Parameters
        ----------
        rows : ndarray of int
            Which.

        Returns
        -------
        X : ndarray
            In the shape that `fit` got.
        """
        X = self.train.X[rows]
        X = X.toarray() if issparse(X) else X
        return X.reshape(-1, *self.extractor.input_shape)
