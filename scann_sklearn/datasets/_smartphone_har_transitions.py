"""Smartphone-Based Recognition of Human Activities and Postural Transitions."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
from typing import Any

import numpy as np

from scann_sklearn.datasets._bunch import draw_split, make_bunch, read_names
from scann_sklearn.datasets._fetch import UCI_ARCHIVES, UCI_FILES, DataFile, fetch_files
from scann_sklearn.datasets._parsers import read_har

_URLS = (
    UCI_FILES + "00341/HAPT%20Data%20Set.zip",
    UCI_ARCHIVES
    + "341/smartphone+based+recognition+of+human+activities+and+postural+transitions.zip",
)
_GIT_BLOBS = {
    "features.txt": "3ecf5af2d69095e2a19218f83c9206a91a5a5b69",
    "Train/X_train.txt": "1d6d67e7e06b1a2c6e522236326e638451a68789",
    "Train/y_train.txt": "3f4d32263964c2b2391dc59c39663aaa67e3f16a",
    "Train/subject_id_train.txt": "06f7077652df8d6ff871ceed3a554cc71bf2dc06",
    "Test/X_test.txt": "633d22f788d1aa085a28a06b393af08073ad6ed7",
    "Test/y_test.txt": "5bec3e1f2b1d2a792fec6d96c1dbae44e94f177c",
    "Test/subject_id_test.txt": "e4db30a8241de1fa4bc1268a8da07370a677f804",
}
_FILES = tuple(
    DataFile(f"shar/{name}", urls=tuple(f"{url}#{name}" for url in _URLS), git_blob=git_blob)
    for name, git_blob in _GIT_BLOBS.items()
)


def fetch_smartphone_har_transitions(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load Smartphone-Based Recognition of Human Activities and Postural Transitions.

    Windows of 2.56 s of acceleration and rotation, measured by a smartphone at the waist. The
    classes are six activities, as in :func:`fetch_har`, and six rare transitions between postures.

    ==============================  ============================
    Classes                         12
    Samples                         10929
    Train / validation / test       6121 / 1531 / 3277
    Features                        561, real, -1 to 1
    Download                        80 MB
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

        - data : ndarray or DataFrame of shape (10929, 561), float64
        - target : ndarray or Series of shape (10929,), int64, labels 1 to 12
        - frame : DataFrame of data and target if ``as_frame=True``, otherwise None
        - split : ndarray of shape (10929,), "train", "validation" or "test"
        - groups : ndarray of shape (10929,), int64, the 30 subjects
        - feature_names : list of str, those of the file, made unique
        - target_names : list of str, in the order of the sorted labels
        - DESCR : str

    Raises
    ------
    OSError
        If a file is missing and can't be downloaded, or is not the official one.

    Notes
    -----
    Files, below ``shar/``: ``features.txt``, ``X_train.txt``, ``y_train.txt`` and
    ``subject_id_train.txt`` in ``Train/``, ``X_test.txt``, ``y_test.txt`` and
    ``subject_id_test.txt`` in ``Test/``; from UCI's archive. No SHA-256 of them is published: each
    is verified by its git blob id in public repositories. Features of the same name are
    distinguished by a ``(2)`` or ``(3)`` at the end.

    The split is a fixed, stratified random one of all rows, with the sizes of the SCANN paper. The
    official test set is the last 3162 rows. Windows of one subject, and neighbouring windows, which
    overlap by half, are in all sets: split by `groups` to choose a model for new subjects.

    Source: https://archive.ics.uci.edu/dataset/341. Licence: CC BY 4.0 according to UCI; the
    ``README.txt`` of the archive asks to cite [1]_ and prohibits commercial use.

    References
    ----------
    .. [1] J.-L. Reyes-Ortiz, L. Oneto, A. Sama, X. Parra, D. Anguita, "Transition-Aware Human
       Activity Recognition Using Smartphones", Neurocomputing 171, 2016.
       https://doi.org/10.24432/C54G7M

    Examples
    --------
    >>> from scann_sklearn.datasets import fetch_smartphone_har_transitions
    >>> har = fetch_smartphone_har_transitions()  # doctest: +SKIP
    >>> har.target_names[-1]  # doctest: +SKIP
    'LIE_TO_STAND'
    """
    names, *files = fetch_files(_FILES, data_home, download_if_missing)
    parts = zip(read_har(*files[:3]), read_har(*files[3:]), strict=True)
    data, target, groups = (np.concatenate(part) for part in parts)
    return make_bunch(
        fetch_smartphone_har_transitions,
        data,
        target,
        draw_split(target, 1531, 3277),
        groups=groups,
        feature_names=read_names(names),
        target_names=[
            "WALKING",
            "WALKING_UPSTAIRS",
            "WALKING_DOWNSTAIRS",
            "SITTING",
            "STANDING",
            "LAYING",
            "STAND_TO_SIT",
            "SIT_TO_STAND",
            "SIT_TO_LIE",
            "LIE_TO_SIT",
            "STAND_TO_LIE",
            "LIE_TO_STAND",
        ],
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
