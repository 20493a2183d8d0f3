"""Pen-Based Recognition of Handwritten Digits."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
from typing import Any

import numpy as np

from scann_sklearn.datasets._bunch import make_bunch, official_split
from scann_sklearn.datasets._fetch import UCI_ARCHIVES, UCI_FILES, DataFile, fetch_files
from scann_sklearn.datasets._parsers import read_pendigits

_ARCHIVE = UCI_ARCHIVES + "81/pen+based+recognition+of+handwritten+digits.zip"
_FILES = (
    DataFile(
        "pendigits/pendigits.tra",
        urls=(UCI_FILES + "pendigits/pendigits.tra", _ARCHIVE + "#pendigits.tra"),
        sha256="e2b9eb9f0d0467e2b64a4816a3420edf2b8043447576f4b84337aba44a9f97d3",
        n_bytes=502_098,
    ),
    DataFile(
        "pendigits/pendigits.tes",
        urls=(UCI_FILES + "pendigits/pendigits.tes", _ARCHIVE + "#pendigits.tes"),
        sha256="8bd03229c5c5291fefe43e45465dd948d2645bf23328b9d993e0b777666b2015",
        n_bytes=234_366,
    ),
)


def fetch_pendigits(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load Pen-Based Recognition of Handwritten Digits.

    Digits that 44 writers drew on a tablet, as eight points that are equally spaced along the
    stroke. The test set is the official one, with different writers.

    ==============================  ============================
    Classes                         10
    Samples                         10992
    Train / validation / test       5995 / 1499 / 3498
    Features                        16, integers 0 to 100
    Download                        0.7 MB
    ==============================  ============================

    Parameters
    ----------
    data_home : str or path-like, default=None
        Folder of the data files, see :func:`get_data_home`.

    download_if_missing : bool, default=True
        Whether to download files that are not in `data_home`. If False, missing files raise an
        error.

    return_X_y : bool, default=False
        If True, return ``(data, target)`` instead of a bunch.

    as_frame : bool, default=False
        If True, data and target are pandas objects instead of arrays.

    Returns
    -------
    bunch : :class:`~sklearn.utils.Bunch` or tuple
        The tuple ``(data, target)`` if ``return_X_y=True``, otherwise a bunch with

        - data : ndarray or DataFrame of shape (10992, 16), float64
        - target : ndarray or Series of shape (10992,), int64, the digits
        - frame : DataFrame of data and target if ``as_frame=True``, otherwise None
        - split : ndarray of shape (10992,), "train", "validation" or "test"
        - feature_names : list of str, ``x1, y1, ..., x8, y8``
        - target_names : list of str, in the order of the sorted labels
        - DESCR : str

    Raises
    ------
    OSError
        If a file is missing and can't be downloaded, or is not the official one.

    Notes
    -----
    Files: ``pendigits/pendigits.tra`` and ``pendigits/pendigits.tes``, from UCI, each verified by
    its published SHA-256. The validation set is a fixed, stratified random sample of the former.

    Source: https://archive.ics.uci.edu/dataset/81. Licence: CC BY 4.0.

    References
    ----------
    .. [1] E. Alpaydin, F. Alimoglu, "Pen-Based Recognition of Handwritten Digits", UCI Machine
       Learning Repository, 1996. https://doi.org/10.24432/C5MG6K

    Examples
    --------
    >>> from scann_sklearn.datasets import fetch_pendigits
    >>> digits = fetch_pendigits()  # doctest: +SKIP
    >>> X_train = digits.data[digits.split == "train"]  # doctest: +SKIP
    >>> X_train.shape  # doctest: +SKIP
    (5995, 16)
    """
    train, test = fetch_files(_FILES, data_home, download_if_missing)
    X_train, y_train = read_pendigits(train)
    X_test, y_test = read_pendigits(test)
    return make_bunch(
        fetch_pendigits,
        np.concatenate([X_train, X_test]),
        np.concatenate([y_train, y_test]),
        official_split(y_train, 1499, y_test),
        feature_names=[f"{axis}{point}" for point in range(1, 9) for axis in "xy"],
        target_names=[str(digit) for digit in range(10)],
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
