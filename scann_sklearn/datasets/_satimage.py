"""Statlog (Landsat Satellite)."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
from typing import Any

import numpy as np

from scann_sklearn.datasets._bunch import make_bunch, official_split
from scann_sklearn.datasets._fetch import UCI_ARCHIVES, UCI_FILES, DataFile, fetch_files
from scann_sklearn.datasets._parsers import read_satimage

_FOLDER = UCI_FILES + "statlog/satimage/"
_ARCHIVE = UCI_ARCHIVES + "146/statlog+landsat+satellite.zip"
_FILES = (
    DataFile(
        "satimage/sat.trn",
        urls=(_FOLDER + "sat.trn", _ARCHIVE + "#sat.trn"),
        sha256="e896dc88a960fa2404160fc4c3cb3dc53fcf4afd80ba920bf2d261bd42d12613",
        n_bytes=525_830,
    ),
    DataFile(
        "satimage/sat.tst",
        urls=(_FOLDER + "sat.tst", _ARCHIVE + "#sat.tst"),
        sha256="4b9167b8a92baafafed7c8809aef86d0683a5e685c19d98d119fa6974f0f2479",
        n_bytes=236_745,
    ),
)


def fetch_satimage(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load Statlog (Landsat Satellite).

    Squares of 3 x 3 pixels of a satellite image in four spectral bands. The class is the soil at
    the central pixel. The test set is the official one.

    ==============================  ============================
    Classes                         6 (labels 1, 2, 3, 4, 5, 7)
    Samples                         6435
    Train / validation / test       3104 / 1331 / 2000
    Features                        36, integers 0 to 255
    Download                        0.8 MB
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

        - data : ndarray or DataFrame of shape (6435, 36), float64
        - target : ndarray or Series of shape (6435,), int64, the labels of the soils
        - frame : DataFrame of data and target if ``as_frame=True``, otherwise None
        - split : ndarray of shape (6435,), "train", "validation" or "test"
        - feature_names : list of str, ``pixel1_band1`` (top left) to ``pixel9_band4``
        - target_names : list of str, in the order of the sorted labels
        - DESCR : str

    Raises
    ------
    OSError
        If a file is missing and can't be downloaded, or is not the official one.

    Notes
    -----
    Files: ``satimage/sat.trn`` and ``satimage/sat.tst``, from UCI, each verified by its published
    SHA-256. The validation set is a fixed, stratified random sample of the former.

    Source: https://archive.ics.uci.edu/dataset/146. Licence: CC BY 4.0.

    References
    ----------
    .. [1] A. Srinivasan, "Statlog (Landsat Satellite)", UCI Machine Learning Repository, 1993.
       https://doi.org/10.24432/C55887

    Examples
    --------
    >>> from scann_sklearn.datasets import fetch_satimage
    >>> soils = fetch_satimage()  # doctest: +SKIP
    >>> soils.target_names[0]  # doctest: +SKIP
    'red soil'
    """
    train, test = fetch_files(_FILES, data_home, download_if_missing)
    X_train, y_train = read_satimage(train)
    X_test, y_test = read_satimage(test)
    return make_bunch(
        fetch_satimage,
        np.concatenate([X_train, X_test]),
        np.concatenate([y_train, y_test]),
        official_split(y_train, 1331, y_test),
        feature_names=[f"pixel{p}_band{b}" for p in range(1, 10) for b in range(1, 5)],
        target_names=[
            "red soil",
            "cotton crop",
            "grey soil",
            "damp grey soil",
            "soil with vegetation stubble",
            "very damp grey soil",
        ],
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
