"""Principal components that are rounding errors: behind them an export can't be equal."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.decomposition import PCA

from scann_sklearn.export._refusal import refused

_MOST = 0.01  # of a standard deviation: what rounding may move the sums by
_CERTAIN = 100  # times the rounding error of the variances: above it they are known


@dataclass(frozen=True, eq=False)
class Rounding:
    """Features behind a PCA, and their rounding errors.

    Whitening, a scaler or the classifier's own scaling can make noise of order 1 of a component
    that hardly varies, and no other program computes the same noise.

    Parameters
    ----------
    step : PCA
        Whose components they are.
    error : ndarray of shape (n_features,)
        Bound of each feature's rounding error, divided by the precision of the arithmetic.
    deviation : ndarray of shape (n_features,)
        Standard deviation of each feature, as `step` knows it.
    certain : ndarray of bool of shape (n_features,)
        Whether the deviation can be told from rounding errors of `step`.
    """

    step: PCA
    error: np.ndarray
    deviation: np.ndarray
    certain: np.ndarray

    @classmethod
    def of(cls, step: Any) -> Rounding | None:
        """Rounding errors of a fitted step; None where it is no PCA."""
        if not isinstance(step, PCA):
            return None
        variance = step.explained_variance_.astype(float)
        components, eps = np.abs(step.components_), np.finfo(step.components_.dtype).eps
        size = np.sqrt(step.mean_**2.0 + variance @ components**2.0)
        certain = variance > _CERTAIN * eps * (size @ size)
        rounding = cls(step, components @ size, np.sqrt(variance), certain)
        if not step.whiten:
            return rounding
        return rounding.behind(sparse.diags_array(1 / np.maximum(np.sqrt(variance), eps)))

    def behind(self, matrix: Any) -> Rounding:
        """Rounding errors behind a further matrix."""
        size = abs(matrix)
        deviation = np.sqrt(size**2 @ self.deviation**2)
        if isinstance(matrix, np.ndarray):
            return Rounding(self.step, size @ self.error, deviation, np.ones(len(size), bool))
        size = sparse.csr_array(size)
        takes_one = np.diff(size.indptr) == 1  # of which all is known that was
        deviation = np.where(takes_one, size @ self.deviation, deviation)
        certain = ~takes_one | (size @ self.certain.astype(float) > 0)
        return Rounding(self.step, size @ self.error, deviation, certain)

    def check(self, weights: sparse.csc_array, precision: float) -> None:
        """Raise where a network reads features that are rounding errors.

        Parameters
        ----------
        weights : csc_array of shape (n_targets, n_features)
            With which the network reads them.
        precision : float
            Relative precision of the arithmetic.

        Raises
        ------
        ValueError
            If rounding moves its sums by more than a hundredth of what a feature does.
        """
        heaviest = np.asarray(abs(weights).max(axis=0).todense()).ravel()
        effect = heaviest * self.deviation
        usual = effect[self.certain].max(initial=0) or effect.max(initial=0)
        if (heaviest * self.error * precision <= _MOST * usual).all():
            return
        own = Rounding.of(self.step) or self
        weak = int(np.argmax(~own.certain | (own.error * precision > _MOST * own.deviation)))
        deviation = np.sqrt(self.step.explained_variance_)
        raise refused(
            "The network reads components whose standard deviation is so small that they are "
            f"rounding errors (component {weak}: {deviation[weak]:.3g}, component 0: "
            f"{deviation[0]:.3g}; relative precision {precision:.2g})",
            self.step,
            f"fit again with n_components={max(weak, 1)} or less, or with a DimReducer, which "
            "leaves them out",
        )
