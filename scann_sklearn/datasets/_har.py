"""Human Activity Recognition Using Smartphones."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
from typing import Any

import numpy as np

from scann_sklearn.datasets._bunch import make_bunch, official_split, read_names
from scann_sklearn.datasets._fetch import UCI_ARCHIVES, UCI_FILES, DataFile, fetch_files
from scann_sklearn.datasets._parsers import read_har

_ARCHIVE = "UCI HAR Dataset.zip"
_URLS = (
    UCI_FILES + "00240/" + _ARCHIVE.replace(" ", "%20"),
    UCI_ARCHIVES + "240/human+activity+recognition+using+smartphones.zip#" + _ARCHIVE,
)
_SHA256 = {
    "features.txt": "b384889885b1c8680ecf250e0e605b4c79536cdf09ce9f2fa7225a3c6773b5c7",
    "train/X_train.txt": "9c1246099c8d5463779eec5a3845cc3898df9d8c715441ab2a1232d4421fc42f",
    "train/y_train.txt": "415b3357e2e2d5e70a45c781947c6bdd80e0410a579d862eedcd6bbce3c694ef",
    "train/subject_train.txt": "66e1e2fbe9b396fa5155f531dc3348c803f503be663e2318772d49947db9153a",
    "test/X_test.txt": "99035209add50d17650e847d8a4658d784a5707466ebb7c2deb97c28e5250a78",
    "test/y_test.txt": "2a94cb53ca46b956c1b2aebd4a09a72badd8a8e9ea9cdfe9f31b3306a08666bb",
    "test/subject_test.txt": "63b8c577f4a85431c06bd87f6384608c90a9f72f05c7956dd21255dc63515c07",
}
_N_BYTES = {
    "features.txt": 15_785,
    "train/X_train.txt": 66_006_256,
    "train/y_train.txt": 14_704,
    "train/subject_train.txt": 20_152,
    "test/X_test.txt": 26_458_166,
    "test/y_test.txt": 5_894,
    "test/subject_test.txt": 7_934,
}
_FILES = tuple(
    DataFile(
        f"har/{name}",
        urls=tuple(f"{url}#{name}" for url in _URLS),
        sha256=sha256,
        n_bytes=_N_BYTES[name],
    )
    for name, sha256 in _SHA256.items()
)


def fetch_har(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load Human Activity Recognition Using Smartphones.

    Windows of 2.56 s of acceleration and rotation, measured by a smartphone at the waist. The test
    set is the official one: nine subjects that are not in the training set.

    ==============================  ============================
    Classes                         6
    Samples                         10299
    Train / validation / test       5881 / 1471 / 2947
    Features                        561, real, -1 to 1
    Download                        61 MB
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

        - data : ndarray or DataFrame of shape (10299, 561), float64
        - target : ndarray or Series of shape (10299,), int64, labels 1 to 6
        - frame : DataFrame of data and target if ``as_frame=True``, otherwise None
        - split : ndarray of shape (10299,), "train", "validation" or "test"
        - groups : ndarray of shape (10299,), int64, the 30 subjects
        - feature_names : list of str, those of the file, made unique
        - target_names : list of str, in the order of the sorted labels
        - DESCR : str

    Raises
    ------
    OSError
        If a file is missing and can't be downloaded, or is not the official one.

    Notes
    -----
    Files, below ``har/``: ``features.txt``, ``X_train.txt``, ``y_train.txt`` and
    ``subject_train.txt`` in ``train/``, ``X_test.txt``, ``y_test.txt`` and ``subject_test.txt`` in
    ``test/``; from UCI's archive, each verified by its published SHA-256. Features of the same name
    are distinguished by a ``(2)`` or ``(3)`` at the end.

    The validation set is a fixed, stratified random sample of the training set. Windows of one
    subject, and neighbouring windows, which overlap by half, are in both sets: split by `groups` to
    choose a model for new subjects.

    Source: https://archive.ics.uci.edu/dataset/240. Licence: CC BY 4.0 according to UCI; the
    ``README.txt`` of the archive asks to cite [1]_ and prohibits commercial use.

    References
    ----------
    .. [1] D. Anguita, A. Ghio, L. Oneto, X. Parra, J. L. Reyes-Ortiz, "A Public Domain Dataset for
       Human Activity Recognition Using Smartphones", European Symposium on Artificial Neural
       Networks, 2013. https://doi.org/10.24432/C54S4K

    Examples
    --------
    >>> from scann_sklearn.datasets import fetch_har
    >>> har = fetch_har()  # doctest: +SKIP
    >>> har.target_names[0]  # doctest: +SKIP
    'WALKING'
    """
    names, *files = fetch_files(_FILES, data_home, download_if_missing)
    X_train, y_train, subjects_train = read_har(*files[:3])
    X_test, y_test, subjects_test = read_har(*files[3:])
    return make_bunch(
        fetch_har,
        np.concatenate([X_train, X_test]),
        np.concatenate([y_train, y_test]),
        official_split(y_train, 1471, y_test),
        groups=np.concatenate([subjects_train, subjects_test]),
        feature_names=read_names(names),
        target_names=[
            "WALKING",
            "WALKING_UPSTAIRS",
            "WALKING_DOWNSTAIRS",
            "SITTING",
            "STANDING",
            "LAYING",
        ],
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
