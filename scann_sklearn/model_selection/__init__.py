"""Searches over reductions and architectures, and rules to choose from their results."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from typing import TYPE_CHECKING

from scann_sklearn._lazy import attach

if TYPE_CHECKING:
    from scann_sklearn.model_selection._dask import register_dask as register_dask
    from scann_sklearn.model_selection._frontier import pareto_front as pareto_front
    from scann_sklearn.model_selection._grid import dr_scann_grid as dr_scann_grid
    from scann_sklearn.model_selection._refit import SmallestWithinOneSE as SmallestWithinOneSE
    from scann_sklearn.model_selection._search import CompressionSearchCV as CompressionSearchCV
    from scann_sklearn.model_selection._steerage import STEERAGESearchCV as STEERAGESearchCV

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "_dask": ["register_dask"],
        "_frontier": ["pareto_front"],
        "_grid": ["dr_scann_grid"],
        "_refit": ["SmallestWithinOneSE"],
        "_search": ["CompressionSearchCV"],
        "_steerage": ["STEERAGESearchCV"],
    },
)
