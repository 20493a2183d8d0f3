"""The methods of DimReducer: all that tells one from another."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import sqrt
from typing import Any

from scipy.sparse import issparse

from scann_sklearn.reduction._landmarks import fit_embedding
from scann_sklearn.reduction._linear_maps import (
    fit_components,
    fit_factor_analysis,
    fit_gaussian,
    fit_ica,
    fit_identity,
    fit_pca,
    fit_signs,
    fit_sparse_pca,
    fit_sparse_projection,
)
from scann_sklearn.reduction._spectral import LandmarkIsomap, LandmarkSpectralEmbedding
from scann_sklearn.reduction._units import Units


@dataclass(frozen=True)
class Method:
    """One method.

    Parameters
    ----------
    fit : callable
        Called with data in internal units, the number of components, at most that of rows and
        features, and a RandomState. An affine method returns what was fitted (None for nothing), a
        matrix of shape (n_components, n_features) and a mean: the reduced data is
        ``(Z - mean) @ matrix.T``. An embedding gets landmarks, and returns what was fitted and a
        factor for each component.

    units : Units
        Internal units of data that are not normalised: as free as the method allows without another
        result.

    is_affine : bool
        Whether it is an affine map, or an embedding.

    is_diagonal : bool
        Whether every reduced feature is one feature of the data. All are kept then.

    is_sparse : bool
        Whether its matrix is stored without the zeros.

    fit_sparse : callable or None
        As `fit` for a sparse X, with the origin of the internal units as a second argument. None:
        the method needs all of X at once, dense.

    fit_moments : callable or None
        As `fit` for a large X, with few rows that have the mean and the covariance of all. None:
        the method needs the rows themselves.

    sees_rows : bool
        Whether `fit` looks at anything but the number of features.
    """

    fit: Callable[..., Any]
    units: Units = Units.COMMON
    is_affine: bool = True
    is_diagonal: bool = False
    is_sparse: bool = False
    fit_sparse: Callable[..., Any] | None = None
    fit_moments: Callable[..., Any] | None = None
    sees_rows: bool = True


def _projection(fit: Callable[..., Any], *, is_sparse: bool = False, **parameters: Any) -> Method:
    """Return a method whose matrix is drawn."""
    return Method(
        partial(fit, **parameters),
        Units.GIVEN,
        is_sparse=is_sparse,
        fit_sparse=partial(fit_sparse_projection, fit, **parameters),
        sees_rows=False,
    )


# In the order in which searches try them.
METHODS = {
    "pca": Method(
        partial(fit_components, fit_pca),
        fit_sparse=fit_sparse_pca,
        fit_moments=partial(fit_components, partial(fit_pca, solver="covariance_eigh")),
    ),
    "factor_analysis": Method(
        partial(fit_components, fit_factor_analysis),
        Units.OWN,
        fit_moments=partial(fit_components, fit_factor_analysis),
    ),
    "ica": Method(partial(fit_components, fit_ica)),
    "isomap": Method(partial(fit_embedding, LandmarkIsomap), is_affine=False),
    "spectral_embedding": Method(
        partial(fit_embedding, LandmarkSpectralEmbedding), is_affine=False
    ),
    "gaussian_rp": _projection(fit_gaussian),
    "unit_gaussian_rp": _projection(fit_gaussian, unit_variance=True),
    "achlioptas_rp": _projection(fit_signs, density=1.0, value=1.0),
    "sparse_rp": _projection(fit_signs, is_sparse=True, density=1 / 3, value=sqrt(3)),
    "passthrough": Method(fit_identity, Units.GIVEN, is_diagonal=True, sees_rows=False),
}


FOR_SPARSE = [name for name in METHODS if METHODS[name].fit_sparse]


def check_sparse(name: str, X: Any) -> None:
    """Raise TypeError where X is sparse and the method would have to make it dense."""
    if issparse(X) and name not in FOR_SPARSE:
        able = ", ".join(map(repr, FOR_SPARSE))
        reason = "returns all features" if METHODS[name].is_diagonal else "needs them all at once"
        raise TypeError(
            f"DimReducer(method={name!r}) takes no sparse X: it {reason}, which would make X "
            f"dense. Methods for sparse X are {able}; the network takes it without a reduction too."
        )
