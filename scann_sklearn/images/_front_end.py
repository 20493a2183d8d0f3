"""The layers of maps between images and neurons, as a parameter of an estimator."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from numbers import Integral
from typing import Any

from scann_sklearn.images._layers import AvgPool2d, Conv2d, LayerOfMaps, MaxPool2d, written_down
from scann_sklearn.network._convolution import MapShape
from scann_sklearn.network._map_front import MapFront


@dataclass(frozen=True, repr=False)
class ConvFrontEnd:
    """Convolutions and pooling ahead of the neurons, if X holds images.

    Connections of the convolutions and of the neurons are synthesised together: `n_connections`
    bounds their total, and pruning and growth choose among all of them. A weight of a convolution
    counts as one connection, although it is used at many positions.

    Parameters
    ----------
    layers : list of Conv2d, MaxPool2d and AvgPool2d
        The layers in order, with at least one :class:`Conv2d`. Before the first of these, only
        :class:`AvgPool2d` is allowed. A ReLU follows every convolution. The neurons
        (`hidden_layer_sizes`) read the maps of the last layer. With `augment` the list may be
        empty: the neurons then read the pixels, and X has one row of features per image.
    input_shape : tuple of (int, int, int), default=None
        Channels, height and width of an image. If None, they are taken from an X of shape
        (n_samples, channels, height, width); rows of features are images of one row.
    augment : callable, default=None
        Function that makes new training images in every epoch. It is called as
        ``augment(images, rng)`` with an array of shape (n_samples, channels, height, width), as
        passed to `fit`, and a :class:`numpy.random.Generator`, and must return an array of the
        same shape. Validation images are not changed. A teacher predicts the new images. See
        :class:`AffineDistortion`.

    Raises
    ------
    TypeError
        If a layer is something else, such as a torch module, or if `augment` is not callable.
    ValueError
        If `layers` has no convolution, a `MaxPool2d` before the first one, or is empty without
        `augment`, or if `input_shape` doesn't hold three numbers above zero.

    See Also
    --------
    SCANNClassifier : Classifier that takes it as `front_end`.
    Conv2d : The layer with connections.

    Notes
    -----
    A front end is immutable, and equal to another one with the same parameters.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from scann_sklearn import (
    ...     Conv2d,
    ...     ConvFrontEnd,
    ...     MaxPool2d,
    ...     SCANNClassifier,
    ... )
    >>> X, y = load_digits(return_X_y=True)
    >>> front_end = ConvFrontEnd(
    ...     [Conv2d(6, 3), MaxPool2d(2)], input_shape=(1, 8, 8)
    ... )
    >>> front_end.output_shape()
    (6, 3, 3)
    >>> clf = SCANNClassifier(
    ...     front_end=front_end,
    ...     hidden_layer_sizes=(20,),
    ...     n_connections=300,
    ...     random_state=0,
    ... )
    >>> clf.fit(X[:1000], y[:1000]).score(X[1000:], y[1000:]) > 0.85
    True
    """

    layers: tuple[LayerOfMaps, ...]
    input_shape: tuple[int, int, int] | None = None
    augment: Callable | None = None

    def __repr__(self) -> str:
        return written_down(self)

    def __post_init__(self) -> None:
        object.__setattr__(self, "layers", _checked_layers(self.layers))
        object.__setattr__(self, "input_shape", _checked_shape(self.input_shape))
        if self.augment is not None and not callable(self.augment):
            raise TypeError(f"augment must be a callable or None, got {self.augment!r}.")
        if not self.layers and self.augment is None:
            raise ValueError("layers must hold at least one Conv2d, got [] and no augment.")

    def output_shape(self, input_shape=None) -> tuple[int, int, int]:
        """Compute the shape of the maps that the neurons read.

        Parameters
        ----------
        input_shape : tuple of (int, int, int), default=None
            Channels, height and width of an image. If None, `input_shape` of the front end.

        Returns
        -------
        shape : tuple of (int, int, int)
            Number, height and width of the maps of the last layer.

        Raises
        ------
        ValueError
            If neither gives a shape, or if a layer doesn't fit the one before it.
        """
        shape = _checked_shape(input_shape) or self.input_shape
        if shape is None:
            raise ValueError("input_shape is None: pass channels, height and width of an image.")
        front = self.build(shape)
        n_maps, height, width = shape if front is None else front.target
        return n_maps, height, width

    def build(self, input_shape) -> MapFront | None:
        """Make the layers of the network, with every connection.

        Parameters
        ----------
        input_shape : tuple of (int, int, int)
            Channels, height and width of an image.

        Returns
        -------
        front : MapFront or None
            Layers that a fit starts with. None if there are no layers.

        Raises
        ------
        ValueError
            If a layer doesn't fit the one before it; the message names both, with their shapes.
        """
        shape, stages, before = MapShape(*input_shape), [], "the image"
        for number, layer in enumerate(self.layers):
            try:
                stages.append(layer.on(shape))
            except ValueError as error:
                raise ValueError(
                    f"layers[{number}], {layer!r}, doesn't fit after {before}, which "
                    f"makes {shape.n_maps} maps of {shape.height} x {shape.width}: "
                    f"{error}"
                ) from error
            shape, before = stages[-1].target, f"layers[{number}], {layer!r}"
        return MapFront(tuple(stages)) if stages else None

    @property
    def pads_images(self) -> bool:
        """Whether the first convolution reads zeros around the image."""
        if not self.layers:
            return False
        first = next(layer for layer in self.layers if isinstance(layer, Conv2d))
        return first is self.layers[0] and first.padding > 0


def _checked_layers(given: Any) -> tuple[LayerOfMaps, ...]:
    if isinstance(given, LayerOfMaps) or not isinstance(given, Iterable):
        raise TypeError(f"layers must be a list of Conv2d, MaxPool2d and AvgPool2d, got {given!r}.")
    layers = tuple(given)
    for number, layer in enumerate(layers):
        if not isinstance(layer, LayerOfMaps):
            kind = f"{type(layer).__module__}.{type(layer).__qualname__}"
            hint = ""
            if kind.startswith("torch."):
                hint = f" Use scann_sklearn.{type(layer).__name__}, whose layers are synthesised."
            raise TypeError(
                f"layers[{number}] must be a Conv2d, MaxPool2d or AvgPool2d of scann_sklearn, got "
                f"a {kind}: {layer!r}.{hint}"
            )
    if layers and not any(isinstance(layer, Conv2d) for layer in layers):
        raise ValueError(f"layers must hold at least one Conv2d, got {list(layers)}.")
    first = next((layer for layer in layers if not isinstance(layer, AvgPool2d)), None)
    if isinstance(first, MaxPool2d):  # it would take the larger of raw values and zero
        raise ValueError(f"Only AvgPool2d is allowed before the first Conv2d, got {first!r}.")
    return layers


def _checked_shape(given: Any) -> tuple[int, int, int] | None:
    if given is None:
        return None
    try:
        shape = tuple(given)
    except TypeError:
        shape = ()
    whole = all(isinstance(n, Integral) and not isinstance(n, bool) and int(n) > 0 for n in shape)
    if len(shape) != 3 or not whole:
        raise ValueError(
            f"input_shape must be (channels, height, width), three integers above 0, got {given!r}."
        )
    channels, height, width = (int(n) for n in shape)
    return channels, height, width
