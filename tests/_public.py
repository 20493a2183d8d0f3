"""The public names, as the packages themselves list them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from importlib import import_module

PACKAGES = (
    "scann_sklearn",
    "scann_sklearn.callbacks",
    "scann_sklearn.datasets",
    "scann_sklearn.export",
    "scann_sklearn.images",
    "scann_sklearn.inspection",
    "scann_sklearn.metrics",
    "scann_sklearn.model_selection",
    "scann_sklearn.network",
    "scann_sklearn.synthesis",
)
NAMES = [
    f"{package}.{name}"
    for package in PACKAGES
    for name in import_module(package).__all__
    if not name.startswith("__")
]


def load(path):
    """The object behind a dotted path such as 'scann_sklearn.metrics.energy_score'."""
    package, name = path.rsplit(".", 1)
    return getattr(import_module(package), name)
