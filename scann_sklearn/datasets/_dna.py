"""Statlog DNA: splice junctions."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
from typing import Any

import numpy as np

from scann_sklearn.datasets._bunch import make_bunch
from scann_sklearn.datasets._fetch import DataFile, fetch_files
from scann_sklearn.datasets._parsers import read_dna

_FOLDER = "https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass/"
_FILES = (
    DataFile(
        "dna/dna.scale.tr",
        urls=(_FOLDER + "dna.scale.tr",),
        git_blob="6648bf5faf0128d394c4830b51bd81af9d317279",
        n_bytes=349_928,
    ),
    DataFile(
        "dna/dna.scale.val",
        urls=(_FOLDER + "dna.scale.val",),
        git_blob="a93a9da1e4bb481156bdfec5931fdf73633b5857",
        n_bytes=149_320,
    ),
    DataFile(
        "dna/dna.scale.t",
        urls=(_FOLDER + "dna.scale.t",),
        git_blob="ce2a74f61555685f0adcffc6804005e9f4601659",
        n_bytes=293_744,
    ),
)


def fetch_dna(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load Statlog DNA: primate splice junctions.

    Windows of 60 bases around a boundary from exon to intron (EI), from intron to exon (IE), or
    around neither. Training, validation and test sets are those of LIBSVM.

    ==============================  ============================
    Classes                         3
    Samples                         3186
    Train / validation / test       1400 / 600 / 1186
    Features                        180, binary
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

        - data : ndarray or DataFrame of shape (3186, 180), float64
        - target : ndarray or Series of shape (3186,), int64, labels 1 (EI), 2 (IE), 3 (neither)
        - frame : DataFrame of data and target if ``as_frame=True``, otherwise None
        - split : ndarray of shape (3186,), "train", "validation" or "test"
        - feature_names : list of str, ``base1_A, base1_C, base1_G, ..., base60_G``; a base T is
          encoded as three zeros
        - target_names : list of str, in the order of the sorted labels
        - DESCR : str

    Raises
    ------
    OSError
        If a file is missing and can't be downloaded, or is not the official one.

    Notes
    -----
    Files: ``dna/dna.scale.tr``, ``dna/dna.scale.val`` and ``dna/dna.scale.t``, from the data sets
    of LIBSVM. LIBSVM publishes no checksums: each file is verified by the git blob id of a public
    copy.

    Source: https://www.csie.ntu.edu.tw/~cjlin/libsvmtools/datasets/multiclass.html. Source of the
    sequences: https://archive.ics.uci.edu/dataset/69. Licence: none stated by LIBSVM; CC BY 4.0
    according to UCI for the sequences.

    References
    ----------
    .. [1] "Molecular Biology (Splice-junction Gene Sequences)", UCI Machine Learning Repository,
       1991. https://doi.org/10.24432/C5M888

    .. [2] D. Michie, D. J. Spiegelhalter, C. C. Taylor (eds.), "Machine Learning, Neural and
       Statistical Classification", Ellis Horwood, 1994.

    .. [3] C.-C. Chang, C.-J. Lin, "LIBSVM: A library for support vector machines", ACM
       Transactions on Intelligent Systems and Technology 2:27, 2011.

    Examples
    --------
    >>> from scann_sklearn.datasets import fetch_dna
    >>> dna = fetch_dna()  # doctest: +SKIP
    >>> dna.target_names  # doctest: +SKIP
    ['EI', 'IE', 'neither']
    """
    parts = [read_dna(file) for file in fetch_files(_FILES, data_home, download_if_missing)]
    sizes = [len(target) for _, target in parts]
    return make_bunch(
        fetch_dna,
        np.concatenate([data for data, _ in parts]),
        np.concatenate([target for _, target in parts]),
        np.repeat(["train", "validation", "test"], sizes),
        feature_names=[f"base{i}_{letter}" for i in range(1, 61) for letter in "ACG"],
        target_names=["EI", "IE", "neither"],
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
