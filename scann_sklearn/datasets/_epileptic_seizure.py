"""Epileptic Seizure Recognition."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
from typing import Any

import numpy as np

from scann_sklearn.datasets._bunch import draw_split, make_bunch
from scann_sklearn.datasets._fetch import UCI_FILES, DataFile, fetch_files
from scann_sklearn.datasets._parsers import read_epileptic_seizure

_FILES = (
    DataFile(
        "seizure/data.csv",
        urls=(UCI_FILES + "00388/data.csv",),
        sha256="4b3f6024ea24a864c0de51b2ba477bf8b9e4974e8cc01a00dcf45bfc59d48deb",
        n_bytes=7_635_689,
    ),
)


def fetch_epileptic_seizure(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load Epileptic Seizure Recognition.

    EEG segments of one second, 23 from each of 500 recordings. One class is seizure activity; the
    other combines the four kinds of recordings without.

    ==============================  ============================
    Classes                         2
    Samples                         11500
    Train / validation / test       6560 / 1620 / 3320
    Features                        178, integers
    Download                        7.6 MB
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

        - data : ndarray or DataFrame of shape (11500, 178), float64
        - target : ndarray or Series of shape (11500,), int64, 1 for a seizure, otherwise 0
        - frame : DataFrame of data and target if ``as_frame=True``, otherwise None
        - split : ndarray of shape (11500,), "train", "validation" or "test"
        - groups : ndarray of shape (11500,), str, the recordings
        - feature_names : list of str, ``X1`` to ``X178``
        - target_names : list of str, in the order of the sorted labels
        - DESCR : str

    Raises
    ------
    OSError
        If a file is missing and can't be downloaded, or is not the official one.

    Notes
    -----
    File: ``seizure/data.csv``, from UCI, verified by its published SHA-256. UCI is said to have
    withdrawn it: if the download fails, put the file there yourself.

    The split is fixed, random and stratified. Segments of one recording are similar and are in all
    sets: split by `groups` to estimate how well new recordings are recognised. To get the labels of
    all five kinds of recordings, use :func:`read_epileptic_seizure`.

    Source: https://archive.ics.uci.edu/ml/datasets/Epileptic+Seizure+Recognition. Licence:
    unclear, check it before you redistribute the data; derived from the recordings of [1]_.

    References
    ----------
    .. [1] R. G. Andrzejak, K. Lehnertz, F. Mormann, C. Rieke, P. David, C. E. Elger, "Indications
       of nonlinear deterministic and finite-dimensional structures in time series of brain
       electrical activity: Dependence on recording region and brain state", Physical Review E 64,
       061907, 2001.

    Examples
    --------
    >>> from scann_sklearn.datasets import fetch_epileptic_seizure
    >>> seizure = fetch_epileptic_seizure()  # doctest: +SKIP
    >>> len(set(seizure.groups))  # doctest: +SKIP
    500
    """
    (file,) = fetch_files(_FILES, data_home, download_if_missing)
    data, kind, groups = read_epileptic_seizure(file)
    target = (kind == 1).astype(np.int64)
    return make_bunch(
        fetch_epileptic_seizure,
        data,
        target,
        draw_split(target, 1620, 3320),
        groups=groups,
        feature_names=[f"X{i}" for i in range(1, 179)],
        target_names=["no seizure", "seizure"],
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
