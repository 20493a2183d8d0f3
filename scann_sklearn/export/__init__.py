"""Fitted models elsewhere: C for microcontrollers, ONNX, and prediction with NumPy alone."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from typing import TYPE_CHECKING

from scann_sklearn._lazy import attach

if TYPE_CHECKING:
    from scann_sklearn.export._c_report import CReport as CReport
    from scann_sklearn.export._flash import FlashSize as FlashSize, measure_flash as measure_flash
    from scann_sklearn.export._onnx import to_onnx as to_onnx
    from scann_sklearn.export._skops import skops_trusted_types as skops_trusted_types
    from scann_sklearn.export._sparse_model import SparseModel as SparseModel
    from scann_sklearn.export._to_c import to_c as to_c

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "_c_report": ["CReport"],
        "_flash": ["FlashSize", "measure_flash"],
        "_onnx": ["to_onnx"],
        "_skops": ["skops_trusted_types"],
        "_sparse_model": ["SparseModel"],
        "_to_c": ["to_c"],
    },
)
