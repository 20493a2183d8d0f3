"""A torch module ahead of the neurons: it makes numbers of X, which the network reads.

torch is imported where a module is used, and by nothing else here.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Self

import numpy as np
from scipy.sparse import issparse
from sklearn.utils import gen_batches

from scann_sklearn.estimators._data import Part
from scann_sklearn.images._rows import as_rows, shape_of

if TYPE_CHECKING:
    import torch

_AT_ONCE = 64  # samples that a module gets: images fill memory with what its layers make of them


@dataclass(frozen=True, eq=False, repr=False)
class TrainedExtractor:
    """A module of a fitted estimator, and what it takes and makes.

    Parameters
    ----------
    module : torch.nn.Module
        In evaluation mode; it computes where its parameters are.
    input_shape : tuple of int
        Shape of a sample, as `fit` got it.
    output_shape : tuple of int
        Shape of what the module makes of one.
    known : tuple of (X, features), default=()
        Arrays whose features are known.

    Attributes
    ----------
    parameter : str
        Which parameter of an estimator it comes from, for errors.
    """

    module: torch.nn.Module
    input_shape: tuple[int, ...]
    output_shape: tuple[int, ...]
    known: tuple[tuple[Any, np.ndarray], ...] = ()
    parameter: ClassVar[str] = "feature_extractor"

    def __repr__(self) -> str:
        return f"{type(self).__name__}({type(self.module).__name__}, {self.n_read} features)"

    @property
    def n_read(self) -> int:
        """Number of values that neurons can read: those that are made of a sample."""
        return math.prod(self.output_shape)

    @classmethod
    def of(cls, module: torch.nn.Module, input_shape: tuple[int, ...], X: Any) -> TrainedExtractor:
        """Extractor of a module that makes as many numbers of every sample as of the first.

        Parameters
        ----------
        module : torch.nn.Module
            A copy of the user's.
        input_shape : tuple of int
            Shape of a sample.
        X : ndarray or scipy.sparse CSR of shape (n_samples, n_features)
            Samples, of which the first is tried.

        Returns
        -------
        extractor : TrainedExtractor
            With the shape of the output.

        Raises
        ------
        TypeError
            If the module makes no tensor.
        ValueError
            If it fails, or makes no numbers.
        """
        module.eval()
        output_shape = tuple(_outputs(module, X[:1], input_shape, cls.parameter).shape[1:])
        if not math.prod(output_shape):
            raise ValueError(
                "feature_extractor outputs no numbers: its output for one sample has "
                f"the shape {output_shape}."
            )
        return cls(module, input_shape, output_shape)

    def recall(self, X: Any) -> np.ndarray | None:
        """Features that are known already; None: they have to be computed.

        Parameters
        ----------
        X : object
            What the user, or a scorer, wants to be predicted.
        """
        return next((features for known, features in self.known if known is X), None)

    def remember(self, *parts: Part) -> Self:
        """The same extractor, which knows the features of some samples.

        Parameters
        ----------
        *parts : Part
            Samples and their features.

        Returns
        -------
        extractor : TrainedExtractor
            So networks are scored without the module.
        """
        return replace(self, known=tuple((part.X, part.inputs) for part in parts))

    def penalty(self, made: torch.Tensor) -> torch.Tensor | None:
        """What the features of a batch add to the loss of each sample; None: nothing.

        Parameters
        ----------
        made : torch.Tensor of shape (n_samples, n_read)
            What the module makes of it in training.
        """
        return None

    def read(self, X: Any) -> np.ndarray:
        """What the neurons read.

        Parameters
        ----------
        X : ndarray or scipy.sparse CSR of shape (n_samples, n_features)
            Samples, row by row.

        Returns
        -------
        features : ndarray of shape (n_samples, n_read)
            Of dtype float64 where the module makes such numbers, else float32.

        Raises
        ------
        TypeError
            If the module makes no tensor.
        ValueError
            If it fails, if the shape of its output changes, or if a number is not finite.
        """
        blocks = []
        for some in gen_batches(X.shape[0], _AT_ONCE):
            made = _outputs(self.module, X[some], self.input_shape, self.parameter)
            if tuple(made.shape[1:]) != self.output_shape:
                raise ValueError(
                    f"The output of {self.parameter} changes its shape: "
                    f"{self.output_shape} for one sample, but {tuple(made.shape[1:])} "
                    f"in the batch that begins with sample {some.start}."
                )
            block = made.reshape(len(made), -1)
            wrong = ~np.isfinite(block).all(axis=1)
            if wrong.any():
                row = int(wrong.argmax())
                value = block[row][~np.isfinite(block[row])][0]
                raise ValueError(
                    f"{self.parameter} returned {value} for sample "
                    f"{some.start + row}: features must be finite."
                )
            blocks.append(block)
        return np.concatenate(blocks)


@dataclass(frozen=True, eq=False)
class Extraction:
    """What a fit knows of X that goes through a module first.

    Parameters
    ----------
    module : torch.nn.Module
        A copy of the user's, in evaluation mode.
    device : str
        Where features are computed in a fit.
    shape : tuple of int, default=None
        Shape of a sample; None: rows, of a length that isn't known yet.
    """

    module: torch.nn.Module
    device: str
    shape: tuple[int, ...] | None = None

    @classmethod
    def of(cls, estimator: Any, X: Any) -> Extraction:
        """Extraction for the training samples of an estimator.

        Parameters
        ----------
        estimator : estimator
            Its `feature_extractor` and `device` are valid.
        X : array-like
            Training samples, as the user gave them.

        Returns
        -------
        extraction : Extraction
            The user's module isn't touched any more.
        """
        shape = shape_of(X)
        module, trained = estimator.feature_extractor, estimator.feature_extractor_
        goes_on = estimator.warm_start and estimator.extractor_training == "joint"
        module = copy.deepcopy(trained if goes_on and trained is not None else module).eval()
        return cls(module, estimator.device, shape[1:] if len(shape) == 4 else None)

    def rows(self, X: Any, name: str = "X") -> Any:
        """Samples row by row.

        Parameters
        ----------
        X : array-like, sparse matrix or None
            Samples.
        name : str, default="X"
            What an error calls them.

        Returns
        -------
        X : array-like of shape (n_samples, n_features) or None
            Row by row.
        """
        return None if X is None else rows_of(X, self.shape, name)

    def of_rows(self, n_features: int) -> Extraction:
        """The same of rows of so many features."""
        return self if self.shape is not None else replace(self, shape=(n_features,))

    def extract(
        self, train: Part, validation: Part | None
    ) -> tuple[TrainedExtractor, tuple[Part, Part | None]]:
        """Compute the features of all samples, once.

        Parameters
        ----------
        train : Part
            The training data.
        validation : Part or None
            The validation data, where the user gave some.

        Returns
        -------
        extractor : TrainedExtractor
            On the CPU.
        parts : tuple of (Part, Part or None)
            Both with their features.
        """
        module = self.module_for(train.X).to(self.device)
        extractor = self.extractor_for(module, train.X)
        train = replace(train, extracted=extractor.read(train.X))
        if validation is not None:
            validation = replace(validation, extracted=extractor.read(validation.X))
        module.to("cpu")
        return extractor, (train, validation)

    def module_for(self, X: Any) -> torch.nn.Module:
        """The module for samples like these."""
        return self.module

    def extractor_for(self, module: torch.nn.Module, X: Any) -> TrainedExtractor:
        """The module with what it takes and makes, which a sample tells."""
        assert self.shape is not None
        return TrainedExtractor.of(module, self.shape, X)


def rows_of(X: Any, input_shape: tuple[int, ...] | None, name: str = "X") -> Any:
    """See `as_rows`; where `fit` got rows, rows are all that is taken.

    Parameters
    ----------
    X : array-like
        Samples.
    input_shape : tuple of int or None
        Shape of a sample in `fit`; None: rows of features.
    name : str, default="X"
        What an error calls them.

    Returns
    -------
    X : array-like of shape (n_samples, n_features)
        Row by row.
    """
    shape = shape_of(X)
    if len(shape) == 4 and (input_shape is None or len(input_shape) == 1):
        raise ValueError(
            f"Found array with dim 4, {name} of shape {shape}, but X in fit were rows of features."
        )
    return as_rows(X, input_shape, name)


def samples_of(X: Any, input_shape: tuple[int, ...]) -> np.ndarray:
    """Rows in the shape that a module takes."""
    return np.asarray(X.toarray() if issparse(X) else X).reshape(-1, *input_shape)


def _outputs(module, X, input_shape, name) -> np.ndarray:
    """What a module makes of some rows: one entry each, of any shape."""
    import torch

    from scann_sklearn.training._fork import keep_torch_from_waiting

    keep_torch_from_waiting()
    place = dtype_and_device(module)
    values = samples_of(X, input_shape)
    batch = torch.tensor(values, **place)  # a copy: layers may work in place
    try:
        with torch.no_grad():
            made = module(batch)
    except Exception as error:
        raise ValueError(
            f"{name} failed on a tensor of shape {tuple(batch.shape)} and dtype "
            f"{batch.dtype}: {type(error).__name__}: {error}"
        ) from error
    if not isinstance(made, torch.Tensor) or made.is_complex():
        kind = made.dtype if isinstance(made, torch.Tensor) else type(made).__name__
        raise TypeError(f"{name} must return a tensor of real numbers, got {kind}.")
    if made.ndim == 0 or len(made) != len(values):
        raise ValueError(
            f"{name} returned a tensor of shape {tuple(made.shape)} for "
            f"{len(values)} sample(s) of shape {tuple(input_shape)}: it must return "
            "one row of numbers per sample."
        )
    wide = made.dtype == torch.float64
    return made.to("cpu", torch.float64 if wide else torch.float32).numpy()


def dtype_and_device(module) -> dict[str, Any]:
    """Dtype and device of the parameters of a module."""
    import torch

    own = chain(module.parameters(), module.buffers())
    found = next((tensor for tensor in own if tensor.dtype.is_floating_point), None)
    if found is None:
        return {"dtype": torch.float32, "device": "cpu"}
    return {"dtype": found.dtype, "device": found.device}
