"""Distorted copies of images, to train with."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from numbers import Real

import numpy as np

from scann_sklearn.network._compile import kernel


@dataclass(frozen=True)
class AffineDistortion:
    """Rotate, scale, shear and shift images, each by different random amounts.

    Amounts are uniform within the bounds. Pixels outside of an image repeat its edge, and values
    between pixels are interpolated linearly.

    Parameters
    ----------
    rotation : float, default=10.0
        Maximum angle in degrees, in either direction.
    scale : float, default=0.1
        Maximum change of size: factors are between 1 - `scale` and 1 + `scale`, independently for
        height and width.
    shear : float, default=0.1
        Maximum shift of a row, as a share of its distance from the middle.
    shift : float, default=1.0
        Maximum shift in pixels, in each direction.

    Raises
    ------
    ValueError
        If an amount is negative or not finite, or if `scale` is not below 1.

    See Also
    --------
    ConvFrontEnd : Front end that takes it as `augment`.

    References
    ----------
    Simard, Steinkraus, Platt. Best Practices for Convolutional Neural Networks Applied to Visual
    Document Analysis, ICDAR 2003.

    Examples
    --------
    >>> import numpy as np
    >>> from scann_sklearn import AffineDistortion
    >>> images = np.zeros((2, 1, 5, 5))
    >>> images[:, :, 2, 2] = 1
    >>> distorted = AffineDistortion(rotation=0, scale=0, shear=0, shift=0.5)(
    ...     images, np.random.default_rng(0)
    ... )
    >>> distorted.shape
    (2, 1, 5, 5)
    >>> bool((distorted[0] != distorted[1]).any())
    True
    """

    rotation: float = 10.0
    scale: float = 0.1
    shear: float = 0.1
    shift: float = 1.0

    def __post_init__(self) -> None:
        for name in ("rotation", "scale", "shear", "shift"):
            value = getattr(self, name)
            if not isinstance(value, Real) or not 0 <= float(value) < np.inf:
                raise ValueError(f"{name} must be a finite number of at least 0, got {value!r}.")
        if self.scale >= 1:
            raise ValueError(f"scale must be below 1, got {self.scale!r}.")

    def __call__(self, images, rng) -> np.ndarray:
        """Distort images.

        Parameters
        ----------
        images : ndarray of shape (n_samples, n_channels, height, width)
            The images; they aren't changed.
        rng : numpy.random.Generator
            Where the amounts come from.

        Returns
        -------
        images : ndarray of shape (n_samples, n_channels, height, width)
            New images of the same dtype, within the range of values of each old one.
        """
        matrices, shifts = self._maps(len(images), rng)
        is_float = images.dtype in (np.float32, np.float64)
        # always a copy: to the compiled code read-only arrays are another type
        source = np.array(images, images.dtype if is_float else np.float64, order="C")
        distorted = np.empty_like(source)
        _resample(source, matrices, shifts, distorted)
        return distorted if is_float else np.rint(distorted).astype(images.dtype)

    def _maps(self, n, rng) -> tuple[np.ndarray, np.ndarray]:
        """Where each image reads, from its middle: a matrix and a shift of rows and columns."""
        angle, height, width, shear, down, right = rng.uniform(-1, 1, (6, n))
        angle = np.deg2rad(self.rotation) * angle
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        rows, columns = 1 + self.scale * height, 1 + self.scale * width
        form = np.array([[rows, np.zeros(n)], [self.shear * shear * columns, columns]])
        matrices = np.einsum("abn,bcn->nac", turn, form)
        return matrices, self.shift * np.stack([down, right], axis=1)


@kernel
def _resample(images, matrices, shifts, distorted) -> None:
    """Read every image where its matrix and shift say, by linear interpolation."""
    n, n_channels, height, width = images.shape
    middle_row, middle_column = (height - 1) / 2, (width - 1) / 2
    for i in range(n):
        for y in range(height):
            for x in range(width):
                down, right = y - middle_row, x - middle_column
                row = matrices[i, 0, 0] * down + matrices[i, 0, 1] * right + shifts[i, 0]
                column = matrices[i, 1, 0] * down + matrices[i, 1, 1] * right + shifts[i, 1]
                row = min(max(row + middle_row, 0.0), height - 1.0)
                column = min(max(column + middle_column, 0.0), width - 1.0)
                top, left = int(row), int(column)
                bottom, end = min(top + 1, height - 1), min(left + 1, width - 1)
                low, far = row - top, column - left
                for c in range(n_channels):
                    source = images[i, c]
                    above = source[top, left] * (1 - far) + source[top, end] * far
                    below = source[bottom, left] * (1 - far) + source[bottom, end] * far
                    distorted[i, c, y, x] = above * (1 - low) + below * low
