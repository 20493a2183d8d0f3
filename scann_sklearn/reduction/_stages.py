"""What one inference of a reduction consists of."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from dataclasses import replace
from typing import Any

import numpy as np

from scann_sklearn.model._stages import Stage, dense_stage, scaling_stage
from scann_sklearn.reduction._methods import METHODS


def reducer_stages(estimator: Any) -> list[Stage]:
    """List what a fitted DimReducer does for one inference."""
    method = METHODS[estimator.method]
    n_features, n_components = estimator.n_features_in_, estimator.n_components_
    scaling = [scaling_stage(n_features)] if estimator.normalize else []
    if method.is_diagonal:
        return scaling
    if not estimator.is_affine_:
        return [*scaling, *estimator.reducer_.stages(n_features)]
    stage = dense_stage(n_features, n_components, reduction=True, folds_after=True)
    if method.is_sparse:
        matrix, _ = estimator.to_affine()
        stage = replace(stage, n_connections=int(np.count_nonzero(matrix)), indexed=True)
    return [stage]
