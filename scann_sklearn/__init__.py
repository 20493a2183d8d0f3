"""Classifiers and regressors that design their own small network while they train."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from typing import TYPE_CHECKING

from scann_sklearn import _aliases
from scann_sklearn._lazy import attach

if TYPE_CHECKING:
    from scann_sklearn.estimators._absorb import absorb_reduction as absorb_reduction
    from scann_sklearn.estimators._classifier import SCANNClassifier as SCANNClassifier
    from scann_sklearn.estimators._early_exit import EarlyExitClassifier as EarlyExitClassifier
    from scann_sklearn.estimators._regressor import SCANNRegressor as SCANNRegressor
    from scann_sklearn.images import (
        AffineDistortion as AffineDistortion,
        AvgPool2d as AvgPool2d,
        Conv2d as Conv2d,
        ConvFrontEnd as ConvFrontEnd,
        MaxPool2d as MaxPool2d,
    )
    from scann_sklearn.metrics import energy_score as energy_score
    from scann_sklearn.reduction._dim_reducer import DimReducer as DimReducer
    from scann_sklearn.synthesis import (
        SchemeA as SchemeA,
        SchemeB as SchemeB,
        SchemeC as SchemeC,
        SchemeNeST as SchemeNeST,
    )

__version__ = "0.1.0.dev0"

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "estimators._absorb": ["absorb_reduction"],
        "estimators._classifier": ["SCANNClassifier"],
        "estimators._early_exit": ["EarlyExitClassifier"],
        "estimators._regressor": ["SCANNRegressor"],
        "reduction._dim_reducer": ["DimReducer"],
        "images": ["AffineDistortion", "AvgPool2d", "Conv2d", "ConvFrontEnd", "MaxPool2d"],
        "metrics": ["energy_score"],
        "synthesis": ["SchemeA", "SchemeB", "SchemeC", "SchemeNeST"],
    },
    subpackages=(
        "callbacks",
        "datasets",
        "export",
        "images",
        "inspection",
        "metrics",
        "model_selection",
        "network",
        "synthesis",
    ),
)
__all__ += ["__version__"]

_aliases.install()
