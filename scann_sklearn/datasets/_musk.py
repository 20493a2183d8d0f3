"""Musk (Version 2)."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
from typing import Any

from scann_sklearn.datasets._bunch import draw_split, make_bunch
from scann_sklearn.datasets._fetch import UCI_ARCHIVES, UCI_FILES, DataFile, fetch_files
from scann_sklearn.datasets._parsers import read_musk

_FILES = (
    DataFile(
        "musk/clean2.data",
        urls=(
            UCI_ARCHIVES + "75/musk+version+2.zip#clean2.data.Z",
            UCI_FILES + "musk/clean2.data.Z",
        ),
        git_blob="c9234c1d2dd960be1aa53fb15faf78bcaedbb9f3",
        n_bytes=4_590_077,
    ),
)


def fetch_musk(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load Musk (Version 2).

    Conformations of 102 molecules, of which 39 smell of musk. All conformations of a molecule have
    the same class.

    ==============================  ============================
    Classes                         2
    Samples                         6598
    Train / validation / test       4100 / 1000 / 1498
    Features                        166, integers
    Download                        1 MB
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

        - data : ndarray or DataFrame of shape (6598, 166), float64
        - target : ndarray or Series of shape (6598,), int64, 1 for a musk, otherwise 0
        - frame : DataFrame of data and target if ``as_frame=True``, otherwise None
        - split : ndarray of shape (6598,), "train", "validation" or "test"
        - groups : ndarray of shape (6598,), str, the molecules
        - feature_names : list of str, ``f1`` to ``f166``
        - target_names : list of str, in the order of the sorted labels
        - DESCR : str

    Raises
    ------
    OSError
        If a file is missing and can't be downloaded, or is not the official one.

    Notes
    -----
    File: ``musk/clean2.data``, from UCI, which packs it as ``clean2.data.Z``. No SHA-256 of it is
    published: it is verified by its git blob id in public repositories.

    The split is fixed, random and stratified. Conformations of one molecule are very similar and
    are in all sets: split by `groups` to estimate how well new molecules are recognised. The SCANN
    paper gives 4100 / 1000 / 1974 samples, 476 more than the file has, which is the number of
    samples in Version 1; here the test set is smaller.

    Source: https://archive.ics.uci.edu/dataset/75. Licence: CC BY 4.0.

    References
    ----------
    .. [1] D. Chapman, A. Jain, "Musk (Version 2)", UCI Machine Learning Repository, 1994.
       https://doi.org/10.24432/C51608

    .. [2] T. G. Dietterich, R. H. Lathrop, T. Lozano-Perez, "Solving the multiple instance problem
       with axis-parallel rectangles", Artificial Intelligence 89, 1997.

    Examples
    --------
    >>> from scann_sklearn.datasets import fetch_musk
    >>> musk = fetch_musk()  # doctest: +SKIP
    >>> len(set(musk.groups))  # doctest: +SKIP
    102
    """
    (file,) = fetch_files(_FILES, data_home, download_if_missing)
    data, target, groups = read_musk(file)
    return make_bunch(
        fetch_musk,
        data,
        target,
        draw_split(target, 1000, 1498),
        groups=groups,
        feature_names=[f"f{i}" for i in range(1, 167)],
        target_names=["non-musk", "musk"],
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
