"""What one inference consists of, as a list of stages: every meter is a sum over these."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from abc import ABC, abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from scann_sklearn.heads._head import Head
from scann_sklearn.model._counts import OperationCounts
from scann_sklearn.network._convolution import SparseConv2d
from scann_sklearn.network._map_front import MapFront
from scann_sklearn.network._pooling import MaxPool2d


@dataclass(frozen=True)
class Stage:
    """One stage of an inference, usually the product of a vector with a matrix.

    Parameters
    ----------
    n_sources, n_targets : int
        Length of the vector that is read and of the one that is written.

    n_connections : int
        Connections that exist, each a multiplication.

    n_macs : int or None, default=None
        Multiplications where they are others: a connection of maps is one at every position.

    n_biases : int, default=0
        Constants that are added.

    n_weights : int or None, default=None
        Numbers that are stored; None: one for each connection.

    comparisons : int, default=0
        Comparisons: rectifiers, decisions, selections.

    table_reads : int, default=0
        Values of a transcendental function, each read from a table.

    indexed : bool, default=False
        Whether each weight is stored with the index of its source.

    index_range : tuple of (int, int) or None, default=None
        How many sources such an index tells apart, and how many targets have a list of them. None:
        `n_sources` and `n_targets`.

    mask_bytes : int, default=0
        Bytes that say which of its positions are computed.

    reduction : bool, default=False
        Whether the stage belongs to the preparation of the data, not to the classifier.

    diagonal : bool, default=False
        Whether each target depends on one source only, as when features are scaled.

    folds_before, folds_after : bool, default=False
        Whether a diagonal stage ahead of this one or behind it can be made part of it.

    passes : bool, default=False
        Whether a diagonal stage ahead of this one can as well come behind it.

    share : float, default=1.0
        Share of the samples that go through it: with early exits not all do.

    folds_clipping : bool, default=False
        Whether a diagonal stage ahead that clips leaves nothing behind when it is folded.
    """

    n_sources: int
    n_targets: int
    n_connections: int
    n_macs: int | None = None
    n_biases: int = 0
    n_weights: int | None = None
    comparisons: int = 0
    table_reads: int = 0
    indexed: bool = False
    index_range: tuple[int, int] | None = None
    mask_bytes: int = 0
    reduction: bool = False
    diagonal: bool = False
    folds_before: bool = False
    folds_after: bool = False
    folds_clipping: bool = False
    passes: bool = False
    share: float = 1.0

    @property
    def n_multiplications(self) -> int:
        """Multiplications of one inference."""
        return self.n_connections if self.n_macs is None else self.n_macs

    @property
    def n_stored(self) -> int:
        """Weights in memory."""
        return self.n_connections if self.n_weights is None else self.n_weights

    @property
    def n_parameters(self) -> int:
        """Weights and biases in memory."""
        return self.n_stored + self.n_biases

    @property
    def index_bytes(self) -> int:
        """Bytes of the indices and the mask in memory."""
        if not self.indexed:
            return self.mask_bytes
        n_sources, n_targets = self.index_range or (self.n_sources, self.n_targets)
        sources = self.n_stored * index_width(n_sources - 1)
        return sources + (n_targets + 1) * index_width(self.n_stored) + self.mask_bytes

    @property
    def flops(self) -> float:
        """Floating-point operations: a multiplication and an addition for each connection."""
        flops = 2 * self.n_multiplications
        return flops if self.share == 1 else self.share * flops

    def operations(self, per_connection: float, per_neuron: float) -> OperationCounts:
        """Count what is done, with so many SRAM accesses for each connection and neuron."""
        counts = OperationCounts(
            macs=self.n_multiplications,
            sram_accesses=per_connection * self.n_multiplications
            + per_neuron * self.n_targets
            + self.table_reads,
            comparisons=self.comparisons,
            index_reads=self.n_multiplications if self.indexed else 0,
        )
        return counts if self.share == 1 else counts.times(self.share)


class OffersStages(ABC):
    """Base class of estimators that say themselves what one inference of them consists of."""

    @abstractmethod
    def _inference_stages(self) -> list[Stage]:
        """The stages, nothing folded yet; NotFittedError where nothing is fitted."""

    def _stages_of_samples(self, X: Any) -> list[Stage]:
        """The stages where samples decide what is done; else the same as without them."""
        return self._inference_stages()


def index_width(largest: int) -> int:
    """Bytes of an unsigned integer up to `largest`."""
    return 1 if largest < 2**8 else 2 if largest < 2**16 else 4


def network_stage(n_connections: int, n_hidden: int, head: Head, n_features: int = 0) -> Stage:
    """A sparse network: any number of ReLU neurons, then the decision."""
    n_neurons = n_hidden + head.n_outputs
    return Stage(
        n_sources=n_features + n_hidden,
        n_targets=n_neurons,
        n_connections=n_connections,
        n_biases=n_neurons,
        comparisons=n_hidden + head.comparisons,
        indexed=True,
        folds_before=True,
    )


def map_stages(front: MapFront) -> list[Stage]:
    """Convolutions and pooling; a pooling by maxima has the comparisons of the ReLU before it.

    Where parts of maps are computed, a position is a comparison more: whether it is one of them.
    """
    stages = []
    afters, befores = (*front.stages[1:], None), (None, *front.stages[:-1])
    for before, stage, after in zip(befores, front.stages, afters):
        windows = stage.target.size
        if isinstance(stage, SparseConv2d):
            own = Stage(
                n_sources=stage.source.size,
                n_targets=windows,
                n_connections=stage.n_connections,
                n_macs=stage.n_multiplications,
                n_biases=stage.n_maps,
                comparisons=_comparisons(stage, followed=isinstance(after, MaxPool2d)),
                indexed=True,
                index_range=(stage.n_sources, stage.n_maps),
                mask_bytes=mask_bytes(stage.target, is_partial=stage.area is not None),
            )
        else:
            own = Stage(
                n_sources=stage.source.size,
                n_targets=windows,
                n_connections=0,
                n_macs=0 if isinstance(stage, MaxPool2d) else windows,
                comparisons=_n_compared(stage, before) if isinstance(stage, MaxPool2d) else 0,
            )
        stages.append(own)
    return stages


def _n_compared(pool: MaxPool2d, before: object) -> int:
    """Numbers of which a pooling takes the largest: not those that are not computed."""
    area = getattr(before, "area", None)
    if area is None:
        return pool.target.size * pool.window**2
    _, rows, columns = pool.target
    return int(area[:, : rows * pool.window, : columns * pool.window].sum())


def _comparisons(layer: SparseConv2d, *, followed: bool) -> int:
    """Of the ReLU of a convolution, where no maximum follows, and of its area."""
    own = 0 if followed else layer.n_computed
    return own if layer.area is None else own + layer.target.size


def mask_bytes(shape: tuple[int, int, int], *, is_partial: bool) -> int:
    """Bytes of a bit for each position of maps, each of which begins with a byte of its own."""
    n_maps, rows, columns = shape
    return n_maps * -(-rows * columns // 8) if is_partial else 0


def dense_stage(n_sources: int, n_targets: int, **others: Any) -> Stage:
    """A matrix without zeros."""
    return Stage(
        n_sources=n_sources,
        n_targets=n_targets,
        n_connections=n_sources * n_targets,
        n_biases=n_targets,
        folds_before=True,
        **others,
    )


def scaling_stage(n_features: int, *, clipped: bool = False) -> Stage:
    """Each feature times a constant plus another; `clipped` keeps the result within bounds."""
    return Stage(
        n_sources=n_features,
        n_targets=n_features,
        n_connections=n_features,
        n_biases=n_features,
        comparisons=2 * n_features if clipped else 0,
        reduction=True,
        diagonal=True,
    )


def comparison_stage(n_entries: int) -> Stage:
    """Numbers that are compared, each with a constant: missing values filled in, categories."""
    return Stage(
        n_sources=n_entries,
        n_targets=0,
        n_connections=0,
        n_biases=n_entries,
        comparisons=n_entries,
        table_reads=n_entries,
        reduction=True,
        passes=True,
    )


def merge_scalings(stages: Iterable[Stage]) -> list[Stage]:
    """Make diagonal stages part of the linear stage next to them."""
    folded = list(stages)
    for i in range(1, len(folded)):
        # A diagonal stage takes up the one behind it: a chain of them costs what one does.
        if folded[i].diagonal and (folded[i - 1].diagonal or folded[i - 1].folds_after):
            folded[i] = _free(folded[i])
    for i in range(len(folded) - 2, -1, -1):
        following = folded[i + 1]
        if folded[i].passes:
            before, clipping = following.folds_before, following.folds_clipping
            folded[i] = replace(folded[i], folds_before=before, folds_clipping=clipping)
        if folded[i].diagonal and following.folds_before:
            folded[i] = replace(
                _free(folded[i]),
                comparisons=0 if following.folds_clipping else folded[i].comparisons,
                folds_before=True,
                folds_clipping=following.folds_clipping,
            )
    return folded


def _free(stage: Stage) -> Stage:
    """The diagonal stage after it was folded: only its comparisons are left."""
    return replace(stage, n_targets=0, n_connections=0, n_biases=0)
