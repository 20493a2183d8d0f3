"""What users write down of layers, and distortions of images."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import copy
import pickle

import numpy as np
import pytest
import torch
from hypothesis import given, settings, strategies as st
from scipy import ndimage

from scann_sklearn import AffineDistortion, AvgPool2d, Conv2d, ConvFrontEnd, MaxPool2d


def test_values_are_equal_and_written_down_as_by_a_user():
    front_end = ConvFrontEnd([Conv2d(20, 5), MaxPool2d(2), Conv2d(50, 5, padding=1)], (1, 28, 28))
    assert repr(front_end.layers[2]) == "Conv2d(50, 5, padding=1)"
    assert eval(repr(front_end)) == front_end
    for other in (copy.deepcopy(front_end), pickle.loads(pickle.dumps(front_end))):
        assert other == front_end
        assert hash(other) == hash(front_end)
    assert front_end != ConvFrontEnd(front_end.layers, (1, 28, 29))
    with pytest.raises(AttributeError):
        front_end.layers = ()
    with pytest.raises(AttributeError):
        front_end.layers[0].n_maps = 3


def test_shapes_are_those_of_torch():
    layers = [Conv2d(4, 3, stride=2, padding=1), AvgPool2d(2), Conv2d(5, 2)]
    found = ConvFrontEnd(layers).output_shape((3, 17, 21))
    nn = torch.nn
    module = nn.Sequential(
        nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.AvgPool2d(2), nn.Conv2d(4, 5, 2)
    )
    assert found == tuple(module(torch.zeros(1, 3, 17, 21)).shape[1:])


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Conv2d(0, 3), ValueError, "n_maps of Conv2d must be at least 1, got 0"),
        (lambda: Conv2d(2, 2.5), TypeError, "kernel_size of Conv2d must be an integer, got 2.5"),
        (lambda: Conv2d(2, 3, padding=-1), ValueError, "padding of Conv2d must be at least 0"),
        (lambda: Conv2d(2, 3, stride=True), TypeError, "stride of Conv2d must be an integer"),
        (lambda: MaxPool2d(16), ValueError, "window must be at most 15, got 16"),
        (lambda: ConvFrontEnd([]), ValueError, "at least one Conv2d"),
        (lambda: ConvFrontEnd([AvgPool2d(2)]), ValueError, "at least one Conv2d"),
        (lambda: ConvFrontEnd([MaxPool2d(2), Conv2d(2, 2)]), ValueError, "Only AvgPool2d"),
        (lambda: ConvFrontEnd(Conv2d(2, 2)), TypeError, "must be a list"),
        (lambda: ConvFrontEnd([torch.nn.Conv2d(1, 2, 3)]), TypeError, "scann_sklearn.Conv2d"),
        (lambda: ConvFrontEnd([Conv2d(2, 2), "relu"]), TypeError, r"layers\[1\].*'relu'"),
        (lambda: ConvFrontEnd([Conv2d(2, 2)], (8, 8)), ValueError, r"got \(8, 8\)"),
        (lambda: ConvFrontEnd([Conv2d(2, 2)], 8), ValueError, "got 8"),
        (lambda: ConvFrontEnd([Conv2d(2, 2)], augment="flip"), TypeError, "'flip'"),
        (lambda: ConvFrontEnd([Conv2d(2, 2)]).output_shape(), ValueError, "input_shape is None"),
        (lambda: AffineDistortion(shift=-1), ValueError, "shift must be .*, got -1"),
        (lambda: AffineDistortion(rotation=np.inf), ValueError, "got inf"),
        (lambda: AffineDistortion(scale=1.0), ValueError, "scale must be below 1"),
    ],
)
def test_errors_carry_what_was_given(make, error, message):
    with pytest.raises(error, match=message):
        make()


@settings(deadline=None, max_examples=30)
@given(
    st.integers(1, 5), st.integers(1, 3), st.integers(1, 9), st.integers(1, 9),
    st.sampled_from([np.float32, np.float64, np.uint8]), st.integers(0, 2**32 - 1),
)  # fmt: skip
def test_distorted_images_stay_within_their_range(n, channels, height, width, dtype, seed):
    rng = np.random.default_rng(seed)
    images = rng.integers(0, 255, (n, channels, height, width)).astype(dtype)
    before = images.copy()
    distort = AffineDistortion(rotation=30, scale=0.3, shear=0.2, shift=2)
    new = distort(images, np.random.default_rng(seed))
    assert new.shape == images.shape
    assert new.dtype == images.dtype
    assert np.array_equal(images, before)
    low, high = (f(images, axis=(2, 3), keepdims=True) for f in (np.min, np.max))
    assert (new >= low - 1e-3).all()
    assert (new <= high + 1e-3).all()
    assert np.array_equal(new, distort(images, np.random.default_rng(seed)))


def test_a_distortion_of_nothing_is_the_identity():
    images = np.random.default_rng(0).random((4, 2, 6, 7))
    same = AffineDistortion(rotation=0, scale=0, shear=0, shift=0)
    np.testing.assert_allclose(same(images, np.random.default_rng(0)), images, atol=1e-12)


def test_values_are_those_of_linear_interpolation():
    images = np.random.default_rng(0).random((3, 2, 6, 9))
    matrices, shifts = AffineDistortion(40, 0.3, 0.2, 2)._maps(3, np.random.default_rng(1))
    new = AffineDistortion(40, 0.3, 0.2, 2)(images, np.random.default_rng(1))
    middle = np.array([[2.5], [4.0]])
    for image, matrix, shift, made in zip(images, matrices, shifts, new, strict=True):
        where = matrix @ (np.indices((6, 9)).reshape(2, -1) - middle) + middle + shift[:, None]
        for channel, found in zip(image, made, strict=True):
            read = ndimage.map_coordinates(channel, where, order=1, mode="nearest")
            np.testing.assert_allclose(found.ravel(), read, atol=1e-12)


def test_a_rotation_moves_the_right_way():
    """A dot right of the middle of each image goes on a circle around it."""
    images = np.zeros((200, 1, 21, 21))
    images[:, :, 10, 17] = 1
    new = AffineDistortion(rotation=45, scale=0, shear=0, shift=0)(images, np.random.default_rng(0))
    row, column = np.indices((21, 21)) - 10
    weight = new[:, 0] / new[:, 0].sum(axis=(1, 2), keepdims=True)
    r, c = (weight * row).sum(axis=(1, 2)), (weight * column).sum(axis=(1, 2))
    np.testing.assert_allclose(np.hypot(r, c), 7, atol=0.2)
    assert np.abs(np.rad2deg(np.arctan2(r, c))).max() <= 46
    assert np.std(r) > 2


def test_every_image_is_moved_by_its_own_amount():
    images = np.tile(np.random.default_rng(0).random((1, 1, 9, 9)), (5, 1, 1, 1))
    new = AffineDistortion()(images, np.random.default_rng(0))
    assert len({image.tobytes() for image in new}) == 5
