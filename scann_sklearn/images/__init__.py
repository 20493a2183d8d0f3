"""What is ahead of the network where X are images: its layers, and distortions to train with."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from typing import TYPE_CHECKING

from scann_sklearn._lazy import attach

if TYPE_CHECKING:
    from scann_sklearn.images._distortion import AffineDistortion as AffineDistortion
    from scann_sklearn.images._exit_head import exit_head as exit_head
    from scann_sklearn.images._front_end import ConvFrontEnd as ConvFrontEnd
    from scann_sklearn.images._layers import (
        AvgPool2d as AvgPool2d,
        Conv2d as Conv2d,
        MaxPool2d as MaxPool2d,
    )

__getattr__, __dir__, __all__ = attach(
    __name__,
    {
        "_distortion": ["AffineDistortion"],
        "_exit_head": ["exit_head"],
        "_front_end": ["ConvFrontEnd"],
        "_layers": ["AvgPool2d", "Conv2d", "MaxPool2d"],
    },
)
