"""Sensorless Drive Diagnosis."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
from typing import Any

from scann_sklearn.datasets._bunch import draw_split, make_bunch
from scann_sklearn.datasets._fetch import UCI_ARCHIVES, UCI_FILES, DataFile, fetch_files
from scann_sklearn.datasets._parsers import read_sensorless_drive

_NAME = "Sensorless_drive_diagnosis.txt"
_FILES = (
    DataFile(
        "sendrive/" + _NAME,
        urls=(
            UCI_FILES + "00325/" + _NAME,
            UCI_ARCHIVES + "325/dataset+for+sensorless+drive+diagnosis.zip#" + _NAME,
        ),
        git_blob="9101c388dfa5ccd3bfbec96c00efe2b1d7c36f32",
    ),
)


def fetch_sensorless_drive(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load Sensorless Drive Diagnosis.

    Currents of a motor with intact and with defective parts, in eleven conditions. The features,
    from an empirical mode decomposition, have heavy tails and very different scales.

    ==============================  ============================
    Classes                         11
    Samples                         58509
    Train / validation / test       40509 / 9000 / 9000
    Features                        48, real
    Download                        26 MB
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

        - data : ndarray or DataFrame of shape (58509, 48), float64
        - target : ndarray or Series of shape (58509,), int64, labels 1 to 11
        - frame : DataFrame of data and target if ``as_frame=True``, otherwise None
        - split : ndarray of shape (58509,), "train", "validation" or "test"
        - feature_names : list of str, ``x1`` to ``x48``
        - target_names : list of str, in the order of the sorted labels
        - DESCR : str

    Raises
    ------
    OSError
        If a file is missing and can't be downloaded, or is not the official one.

    Notes
    -----
    File: ``sendrive/Sensorless_drive_diagnosis.txt``, from UCI. No SHA-256 of it is published: it
    is verified by its git blob id in public repositories. The split is fixed, random and
    stratified.

    Source: https://archive.ics.uci.edu/dataset/325. Licence: CC BY 4.0.

    References
    ----------
    .. [1] M. Bator, "Dataset for Sensorless Drive Diagnosis", UCI Machine Learning Repository,
       2013. https://doi.org/10.24432/C5VP5F

    Examples
    --------
    >>> from scann_sklearn.datasets import fetch_sensorless_drive
    >>> drive = fetch_sensorless_drive()  # doctest: +SKIP
    >>> drive.data.shape  # doctest: +SKIP
    (58509, 48)
    """
    (file,) = fetch_files(_FILES, data_home, download_if_missing)
    data, target = read_sensorless_drive(file)
    return make_bunch(
        fetch_sensorless_drive,
        data,
        target,
        draw_split(target, 9000, 9000),
        feature_names=[f"x{i}" for i in range(1, 49)],
        target_names=[f"condition {label}" for label in range(1, 12)],
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
