"""Sections of torch modules with an early exit behind each of them.

torch is imported where sections are used, and by nothing else here.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import copy
from dataclasses import dataclass
from itertools import pairwise
from numbers import Integral
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from scann_sklearn._constraints import TorchModule
from scann_sklearn.estimators._extractor import (
    Extraction,
    TrainedExtractor,
    dtype_and_device,
    samples_of,
)
from scann_sklearn.heads._exits import Ahead
from scann_sklearn.images._rows import shape_of

if TYPE_CHECKING:
    import torch

_AT_ONCE = 64  # samples that go through a section together


@dataclass(frozen=True, eq=False, repr=False)
class TrainedSections(TrainedExtractor):
    """Sections of a fitted estimator, and which of their features belong to which exit.

    Parameters
    ----------
    ends : tuple of int
        Number of features up to each exit.
    costs : tuple of Ahead
        What each section and its head multiply.
    feature_weight : float
        Weight of the squared distances from the deepest exit's features in the loss.
    """

    ends: tuple[int, ...] = ()
    costs: tuple[Ahead, ...] = ()
    feature_weight: float = 0.0
    parameter: ClassVar[str] = "sections"

    def penalty(self, made: torch.Tensor) -> torch.Tensor | None:
        """What the features of a batch add to the loss of each sample.

        Parameters
        ----------
        made : torch.Tensor of shape (n_samples, n_read)
            Features of all exits, each of the same number.

        Returns
        -------
        penalty : torch.Tensor of shape (n_samples,) or None
            Squared distances of each exit's features from the deepest exit's, which don't learn by
            it, times the weight.
        """
        if not self.feature_weight:
            return None
        *shallow, deepest = made.tensor_split(self.ends[:-1], dim=1)
        wanted = deepest.detach()
        distances: Any = sum(((own - wanted) ** 2).sum(1) for own in shallow)
        return self.feature_weight * distances

    def walk(self, X: Any, dtype: Any) -> Walking:
        """Samples whose features are computed section by section.

        Parameters
        ----------
        X : ndarray or scipy.sparse CSR of shape (n_samples, n_features)
            Samples.
        dtype : dtype
            Of the features.

        Returns
        -------
        samples : Walking
            For `Plan.leave`.
        """
        return Walking(self, X, dtype)


class Walking:
    """Samples on their way through sections; see `Table`, which has the same methods.

    Parameters
    ----------
    sections : TrainedSections
        The sections.
    X : ndarray or scipy.sparse CSR of shape (n_samples, n_features)
        Samples.
    dtype : dtype
        Of the features.
    """

    at_once = _AT_ONCE

    def __init__(self, sections: TrainedSections, X: Any, dtype: Any) -> None:
        self.sections, self.X, self.dtype = sections, X, dtype

    def __len__(self) -> int:
        return self.X.shape[0]

    def rows(self, rows: slice) -> Walk:
        """Some of them, which set out together."""
        return Walk(self.sections, self.X[rows], self.dtype, rows.start)

    def whole(self, rows: np.ndarray) -> np.ndarray:
        """All features of some of them."""
        return self.sections.read(self.X[rows]).astype(self.dtype, copy=False)


class Walk:
    """Some samples between two sections: those that have left are not computed any more.

    Parameters
    ----------
    sections : TrainedSections
        The sections.
    X : ndarray or scipy.sparse CSR of shape (n_samples, n_features)
        Samples.
    dtype : dtype
        Of the features.
    first : int
        Number of the first of them, for an error.
    """

    def __init__(self, sections: TrainedSections, X: Any, dtype: Any, first: int) -> None:
        import torch

        from scann_sklearn.training._fork import keep_torch_from_waiting

        keep_torch_from_waiting()
        self.sections, self.dtype, self.depth = sections, dtype, 0
        self.numbers = first + np.arange(X.shape[0])
        place = dtype_and_device(sections.module)
        self.values = torch.tensor(samples_of(X, sections.input_shape), **place)

    def read(self, depth: int, columns: np.ndarray) -> np.ndarray:
        """Features that come up to a section.

        Parameters
        ----------
        depth : int
            Number of sections that are computed after that.
        columns : ndarray of int
            Features of those that are new, ascending. What nobody reads is not computed.

        Returns
        -------
        features : ndarray of shape (n_samples, n_columns)
            In the dtype of the network.
        """
        import torch

        module: Any = self.sections.module
        bounds, found = (0, *self.sections.ends), []
        with torch.no_grad():
            while self.depth < depth:
                self.values = module.sections[self.depth](self.values)
                low, high = bounds[self.depth : self.depth + 2]
                own = columns[(columns >= low) & (columns < high)] - low
                if len(own):
                    head = module.heads[self.depth]
                    made = head(self.values.clone()).reshape(len(self.values), -1)
                    found.append(made[:, own].to("cpu").numpy())
                self.depth += 1
        features = np.concatenate(found, axis=1).astype(self.dtype, copy=False)
        wrong = ~np.isfinite(features).all(axis=1)
        if wrong.any():
            row = int(wrong.argmax())
            value = features[row][~np.isfinite(features[row])][0]
            raise ValueError(
                f"sections returned {value} for sample {self.numbers[row]}: features must be "
                "finite."
            )
        return features

    def keep(self, stay: np.ndarray) -> None:
        """Go on with some of the samples."""
        self.values, self.numbers = self.values[stay], self.numbers[stay]


@dataclass(frozen=True, eq=False)
class SectionExtraction(Extraction):
    """What a fit knows of X that goes through sections.

    Parameters
    ----------
    estimator : EarlyExitClassifier
        Its parameters are valid.
    """

    estimator: Any = None

    @classmethod
    def of(cls, estimator: Any, X: Any) -> SectionExtraction:
        """Extraction for the training samples of an estimator.

        Parameters
        ----------
        estimator : EarlyExitClassifier
            Its `sections` are not None.
        X : array-like
            Training samples, as the user gave them.

        Returns
        -------
        extraction : SectionExtraction
            The user's modules aren't touched any more.

        Raises
        ------
        TypeError
            If a section or a head is no torch module.
        ValueError
            If there are fewer sections than exits, another number of heads, or another engine is
            asked for.
        """
        check_sections(estimator)
        shape, trained = shape_of(X), estimator.feature_extractor_
        goes_on = estimator.warm_start and trained is not None
        module: Any = copy.deepcopy(trained) if goes_on else None
        known = shape[1:] if len(shape) == 4 else None
        return cls(module, estimator.device, known, estimator)

    def module_for(self, X: Any) -> torch.nn.Module:
        """One module of the sections and heads, made for samples like these."""
        if self.module is not None:
            return self.module
        from scann_sklearn.estimators._sectioned_module import begin_normalisation, built

        assert self.shape is not None
        given, seed = self.estimator, _seed_of(self.estimator.random_state)
        sections = _joined(copy.deepcopy(list(given.sections)), given.n_exits)
        heads = copy.deepcopy(given.exit_heads)
        module = built(sections, heads, samples_of(X[:1], self.shape), seed)
        module.to(self.device)
        begin_normalisation(module, X, self.shape)
        return module

    def extractor_for(self, module: torch.nn.Module, X: Any) -> TrainedSections:
        """Sections with the numbers of their features.

        Parameters
        ----------
        module : torch.nn.Module
            Of sections and heads.
        X : ndarray or scipy.sparse CSR of shape (n_samples, n_features)
            Training samples.

        Returns
        -------
        sections : TrainedSections
            In evaluation mode.

        Raises
        ------
        ValueError
            If features are to be compared that are not of the same number.
        """
        from scann_sklearn.estimators._sectioned_module import widths_and_costs

        assert self.shape is not None
        given: Any = module
        widths, costs = widths_and_costs(given, samples_of(X[:1], self.shape))
        weight = float(self.estimator.feature_distillation)
        if weight and len(set(widths)) > 1:
            raise ValueError(
                f"feature_distillation={weight!r} compares the features of all exits with those of "
                f"the last, but their numbers are {widths}: use exit_heads with "
                f"{widths[-1]} outputs."
            )
        ends = tuple(np.cumsum(widths).tolist())
        own = (module, self.shape, (ends[-1],))
        return TrainedSections(*own, ends=ends, costs=costs, feature_weight=weight)


def check_sections(estimator: Any) -> None:
    """Raise where sections, their heads or other parameters don't go together.

    Parameters
    ----------
    estimator : EarlyExitClassifier
        Its `sections` are not None.
    """
    given, n_exits, heads = list(estimator.sections), estimator.n_exits, estimator.exit_heads
    named = [] if isinstance(heads, str) else [("exit_heads", list(heads))]
    for name, modules in (("sections", given), *named):
        for number, module in enumerate(modules):
            if not TorchModule().is_satisfied_by(module):
                raise TypeError(f"{name}[{number}] must be a torch.nn.Module, got {module!r}.")
    if len(given) < n_exits:
        what = "1 module" if len(given) == 1 else f"{len(given)} modules"
        raise ValueError(
            f"sections holds {what}, fewer than n_exits={n_exits}: there is an exit behind each "
            "section, and at least 2."
        )
    for _, modules in named:
        if len(modules) != n_exits - 1:
            raise ValueError(
                f"exit_heads holds {len(modules)} modules, but n_exits={n_exits} takes "
                f"{n_exits - 1}: one for each exit but the last."
            )
    if estimator.engine == "compiled":
        raise ValueError(
            "sections need the torch engine, got engine='compiled': use engine='auto' or 'torch'."
        )


def _joined(sections: list[Any], n_exits: int) -> list[Any]:
    """As many sections as exits: equal shares of the modules, at least one each."""
    from torch import nn

    ends = [len(sections) * e // n_exits for e in range(n_exits + 1)]
    parts = [sections[low:high] for low, high in pairwise(ends)]
    return [part[0] if len(part) == 1 else nn.Sequential(*part) for part in parts]


def _seed_of(random_state: Any) -> int:
    """Seed of the heads' weights: the sections' are given, and theirs depend on nothing else."""
    return int(random_state) % 2**32 if isinstance(random_state, Integral) else 0
