"""Whole readings become the integers of a sample without floating point."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import numpy as np

LOW_BITS = 13
_FARTHEST = 98303  # an offset: less readings of 16 bits it stays within 17 bits


@dataclass(frozen=True, eq=False)
class RawScale:
    """The scale of the inputs for readings of 16 bits, in integers of 32.

    A reading x becomes ``round(d * (high + low / 2**13) - fraction) / 2**shift``, saturated, with
    d = x - offset, not beyond reach on either side: there it saturates anyway.

    Parameters
    ----------
    bits : int
        Bits of the integers that come out, 8 or 16.
    offset : ndarray of shape (n_inputs,), int64
        The whole number next to what becomes 0.
    reach : ndarray of shape (n_inputs,), int64
        Largest difference from the offset that matters.
    high : ndarray of shape (n_inputs,), int64
        Factor in units of ``2**-shift``.
    low : ndarray of shape (n_inputs,), int64
        What `high` lacks, in units of ``2**-(shift + 13)``.
    fraction : ndarray of shape (n_inputs,), int64
        What the offset lacks, times the factor, in units of ``2**-shift``.
    """

    bits: int
    offset: np.ndarray
    reach: np.ndarray
    high: np.ndarray
    low: np.ndarray
    fraction: np.ndarray

    @classmethod
    def of(cls, scale) -> Self | None:
        """Follow a scale as closely as 32 bits allow.

        Parameters
        ----------
        scale : InputScale
            Its offsets and factors.

        Returns
        -------
        raw : RawScale or None
            None where an offset lies so far away that no reading of 16 bits can be meant.
        """
        offset, factor = scale.offset.astype(float), scale.inverse.astype(float)
        if np.abs(offset).max(initial=0) > _FARTHEST:
            return None
        whole = np.round(offset)
        # A step so small that the readings next to the offset saturate can be larger.
        largest = 2.0 * scale.limit + 4
        fraction = np.clip((offset - whole) * factor, -scale.limit - 2, scale.limit + 2)
        factor = np.minimum(factor, largest)
        reach = np.ceil((scale.limit + 1.5) / factor + 0.5)
        unit = 2.0 ** (29 - scale.bits)
        product = np.round(factor * unit * 2**LOW_BITS).astype(np.int64)
        return cls(
            scale.bits,
            offset=whole.astype(np.int64),
            reach=np.minimum(reach, 2**17).astype(np.int64),
            high=product >> LOW_BITS,
            low=product & (2**LOW_BITS - 1),
            fraction=np.round(fraction * unit).astype(np.int64),
        )

    @property
    def shift(self) -> int:
        """Bits behind the point of a value that isn't rounded yet."""
        return 29 - self.bits

    def quantize(self, values) -> np.ndarray:
        """Integers of readings, as the C code makes them.

        Parameters
        ----------
        values : ndarray of shape (n_samples, n_inputs)
            Whole numbers of 16 bits: values of the features that are read.

        Returns
        -------
        integers : ndarray of shape (n_samples, n_inputs)
            int8 or int16.
        """
        d = np.clip(values.astype(np.int64) - self.offset, -self.reach, self.reach)
        v = d * self.high - self.fraction + ((d * self.low) >> LOW_BITS)
        half, limit = 1 << (self.shift - 1), 2 ** (self.bits - 1) - 1
        rounded = np.where(v < 0, -((half - v) >> self.shift), (half + v) >> self.shift)
        return np.clip(rounded, -limit - 1, limit).astype(f"int{self.bits}")
