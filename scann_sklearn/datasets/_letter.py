"""Letter Recognition."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
from typing import Any

import numpy as np

from scann_sklearn.datasets._bunch import draw_split, make_bunch
from scann_sklearn.datasets._fetch import UCI_ARCHIVES, UCI_FILES, DataFile, fetch_files
from scann_sklearn.datasets._parsers import read_letter

_FILES = (
    DataFile(
        "letter/letter-recognition.data",
        urls=(
            UCI_FILES + "letter-recognition/letter-recognition.data",
            UCI_ARCHIVES + "59/letter+recognition.zip#letter-recognition.data",
        ),
        sha256="2b89f3602cf768d3c8355267d2f13f2417809e101fc2b5ceee10db19a60de6e2",
        n_bytes=712_565,
    ),
)

_N_TEST = 5000


def fetch_letter(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load Letter Recognition.

    Capital letters in 20 fonts, distorted at random, each described by statistics and edge counts
    of its pixels.

    ==============================  ============================
    Classes                         26
    Samples                         20000
    Train / validation / test       10500 / 4500 / 5000
    Features                        16, integers 0 to 15
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

        - data : ndarray or DataFrame of shape (20000, 16), float64
        - target : ndarray or Series of shape (20000,), str, the letters
        - frame : DataFrame of data and target if ``as_frame=True``, otherwise None
        - split : ndarray of shape (20000,), "train", "validation" or "test"
        - feature_names : list of str, the abbreviations on UCI's page
        - target_names : list of str, in the order of the sorted labels
        - DESCR : str

    Raises
    ------
    OSError
        If a file is missing and can't be downloaded, or is not the official one.

    Notes
    -----
    File: ``letter/letter-recognition.data``, from UCI, verified by its published SHA-256. The test
    set consists of the last 5000 rows; the last 4000 are common in the literature. The validation
    set is a fixed, stratified random sample of the others.

    Source: https://archive.ics.uci.edu/dataset/59. Licence: CC BY 4.0.

    References
    ----------
    .. [1] D. Slate, "Letter Recognition", UCI Machine Learning Repository, 1991.
       https://doi.org/10.24432/C5ZP40

    .. [2] P. W. Frey, D. J. Slate, "Letter Recognition Using Holland-Style Adaptive Classifiers",
       Machine Learning 6, 1991.

    Examples
    --------
    >>> from scann_sklearn.datasets import fetch_letter
    >>> letters = fetch_letter()  # doctest: +SKIP
    >>> letters.target[0]  # doctest: +SKIP
    np.str_('T')
    """
    (file,) = fetch_files(_FILES, data_home, download_if_missing)
    data, target = read_letter(file)
    split = np.append(draw_split(target[:-_N_TEST], 4500), np.full(_N_TEST, "test"))
    names = "x-box y-box width high onpix x-bar y-bar x2bar y2bar xybar x2ybr xy2br x-ege xegvy"
    return make_bunch(
        fetch_letter,
        data,
        target,
        split,
        feature_names=[*names.split(), "y-ege", "yegvx"],
        target_names=list("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
