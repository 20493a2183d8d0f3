"""Numbers of operations."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class OperationCounts:
    """Number of operations of one inference, by kind; counts can be added.

    Parameters
    ----------
    macs : float, default=0
        Number of multiply-accumulate operations.

    sram_accesses : float, default=0
        Number of reads and writes of weights and activations, and of thresholds and values in
        trees, without index reads.

    comparisons : float, default=0
        Number of comparisons: ReLUs, decisions, searches for nearest neighbours, thresholds of
        trees.

    index_reads : float, default=0
        Number of reads of the indices that are stored with the weights of a sparse matrix, and of
        the indices of the features that nodes of trees compare.

    See Also
    --------
    EnergyModel : Count the operations of an estimator, and compute their energy.

    Examples
    --------
    >>> from scann_sklearn.metrics import OperationCounts
    >>> OperationCounts(macs=12, comparisons=2) + OperationCounts(macs=8)
    OperationCounts(macs=20, sram_accesses=0, comparisons=2, index_reads=0)
    """

    macs: float = 0
    sram_accesses: float = 0
    comparisons: float = 0
    index_reads: float = 0

    def times(self, factor: float) -> OperationCounts:
        """Multiply all counts, such as by the share of samples that need them.

        Parameters
        ----------
        factor : float
            Factor for all counts.

        Returns
        -------
        counts : OperationCounts
            The multiplied counts.
        """
        return OperationCounts(
            macs=factor * self.macs,
            sram_accesses=factor * self.sram_accesses,
            comparisons=factor * self.comparisons,
            index_reads=factor * self.index_reads,
        )

    def __add__(self, other) -> OperationCounts:
        if not isinstance(other, OperationCounts):
            return NotImplemented
        return OperationCounts(
            macs=self.macs + other.macs,
            sram_accesses=self.sram_accesses + other.sram_accesses,
            comparisons=self.comparisons + other.comparisons,
            index_reads=self.index_reads + other.index_reads,
        )
