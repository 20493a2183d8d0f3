"""What a fitted model is worth: accuracy and every measure of cost, by one meter for all."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import numpy as np
from sklearn.preprocessing import MinMaxScaler, RobustScaler, StandardScaler

from scann_sklearn.metrics import EnergyModel, flops, n_bytes, n_connections

SCALERS = {"standard": StandardScaler, "robust": RobustScaler, "range": MinMaxScaler}


def accuracies(model, parts):
    """Accuracy on validation and on test data."""
    return {
        "validation": round(float(np.mean(model.predict(parts.X_val) == parts.y_val)), 5),
        "test": round(float(np.mean(model.predict(parts.X_test) == parts.y_test)), 5),
    }


def costs(model):
    """Connections, operations, joules and bytes of a fitted model or pipeline."""
    return {
        "connections": int(n_connections(model[-1] if hasattr(model, "steps") else model)),
        "flops": int(flops(model)),
        "energy": EnergyModel().energy(model),
        "energy_without_reduction": EnergyModel(include_reduction=False).energy(model),
        "bytes": int(n_bytes(model)),
    }


def tolerance(accuracy, n_samples):
    """One standard error of an accuracy on so many samples."""
    return float(np.sqrt(accuracy * (1 - accuracy) / n_samples))
