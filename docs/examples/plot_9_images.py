"""
Images: a convolutional network in a few hundred bytes of C
===========================================================

A camera of eight by eight pixels, ten digits and a microcontroller: convolutions go ahead of the
neurons, one budget is for both, and what is left is written as C. Every connection of a
convolution is one weight, which is grown and pruned for itself.
"""

# %%
# Data
# ----
#
# Images are arrays of (samples, channels, height, width).
# sphinx_gallery_start_ignore
# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
# sphinx_gallery_end_ignore
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
images = X.reshape(-1, 1, 8, 8).astype("float32")
X_train, X_test, y_train, y_test = train_test_split(
    images, y, test_size=0.25, stratify=y, random_state=0
)

# %%
# Layers
# ------
#
# Eight filters of three by three, pooling, then neurons. Slightly rotated and shifted digits are
# still digits, so every epoch trains on new variants.
from scann_sklearn import (
    AffineDistortion,
    Conv2d,
    ConvFrontEnd,
    MaxPool2d,
    SCANNClassifier,
)

front_end = ConvFrontEnd(
    [Conv2d(8, 3, padding=1), MaxPool2d(2)],
    augment=AffineDistortion(rotation=10, scale=0.1, shear=0.1, shift=0.5),
)
front_end.output_shape((1, 8, 8))

# %%
# At most 400 connections, of convolutions and neurons together.
clf = SCANNClassifier(
    front_end=front_end,
    hidden_layer_sizes=(30,),
    n_connections=400,
    label_smoothing=0.1,
    validation_fraction=0.2,
    random_state=0,
)
clf.fit(X_train, y_train)
print(clf.summary())
print(f"test accuracy {clf.score(X_test, y_test):.3f}")

# %%
# What is left
# ------------
#
# Light grey is where a connection could be.
from scann_sklearn.inspection import FilterDisplay

FilterDisplay.from_estimator(clf).plot()

# %%
# To a device
# -----------
#
# Integers of 8 bits and no floating point: tables stay in flash, and the maps of two layers share
# the memory. `report.predict` computes what the C code computes.
import tempfile
from pathlib import Path

from scann_sklearn.export import to_c

with tempfile.TemporaryDirectory() as folder:
    report = to_c(
        clf, Path(folder, "digits.h"), dtype="int8", calibration=X_train
    )
    answers = report.predict(X_test.reshape(len(X_test), -1))
print(
    f"{report.flash_bytes} bytes of flash, {report.ram_bytes} bytes of RAM"
)
print(f"test accuracy in C {(answers == y_test).mean():.3f}")

# %%
# The same number of connections without convolutions, for comparison:
plain = SCANNClassifier(
    n_connections=400, validation_fraction=0.2, random_state=0
)
plain.fit(X_train.reshape(len(X_train), -1), y_train)
print(
    "without convolutions "
    f"{plain.score(X_test.reshape(len(X_test), -1), y_test):.3f}"
)
