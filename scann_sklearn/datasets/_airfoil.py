"""Airfoil Self-Noise."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
from typing import Any

import numpy as np

from scann_sklearn.datasets._bunch import draw_split, make_bunch
from scann_sklearn.datasets._fetch import UCI_ARCHIVES, UCI_FILES, DataFile, fetch_files
from scann_sklearn.datasets._parsers import read_airfoil

_FILES = (
    DataFile(
        "airfoil/airfoil_self_noise.dat",
        urls=(
            UCI_FILES + "00291/airfoil_self_noise.dat",
            UCI_ARCHIVES + "291/airfoil+self+noise.zip#airfoil_self_noise.dat",
        ),
        sha256="74c75fd71783f1e6b71f8a622b993dc592897a97cd689c5090a07147a1b097b3",
        n_bytes=59_984,
    ),
)

_N_VALIDATION_RUNS = _N_TEST_RUNS = 21
_CHORD_LENGTH = 2  # its column


def fetch_airfoil(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load Airfoil Self-Noise.

    Sound of NACA 0012 airfoils of six sizes in a wind tunnel. The sound level is to be predicted
    from the frequency and the flow of the air. Training, validation and test sets are different
    runs of the tunnel.

    ==============================  ============================
    Targets                         1, real, 103 to 141 dB
    Samples                         1503
    Train / validation / test       918 / 300 / 285
    Features                        5, real
    Download                        0.1 MB
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

        - data : ndarray or DataFrame of shape (1503, 5), float64
        - target : ndarray or Series of shape (1503,), float64, scaled sound pressure level in dB
        - frame : DataFrame of data and target if ``as_frame=True``, otherwise None
        - split : ndarray of shape (1503,), "train", "validation" or "test"
        - groups : ndarray of shape (1503,), int64, the 106 runs
        - feature_names : list of str, those of UCI's page: frequency in Hz, angle of attack in
          degrees, chord length in m, velocity in m/s, displacement thickness in m
        - target_names : list of str, the name of the target
        - DESCR : str

    Raises
    ------
    OSError
        If a file is missing and can't be downloaded, or is not the official one.

    Notes
    -----
    File: ``airfoil/airfoil_self_noise.dat``, from UCI, verified by a SHA-256 that third parties
    publish.

    Rows are not independent: each of 106 runs, with one angle, chord length and velocity, was
    measured at 8 to 19 frequencies. The split is fixed and draws whole runs, 64 / 21 / 21,
    stratified by chord length, so that no run is in two sets. Splits of single rows, which are
    common in the literature, give smaller errors, since the displacement thickness identifies the
    run. For other splits, or to cross-validate, split by `groups`.

    Source: https://archive.ics.uci.edu/dataset/291. Licence: CC BY 4.0.

    References
    ----------
    .. [1] T. Brooks, D. Pope, M. Marcolini, "Airfoil Self-Noise", UCI Machine Learning
       Repository, 1989. https://doi.org/10.24432/C5VW2C

    .. [2] T. F. Brooks, D. S. Pope, M. A. Marcolini, "Airfoil Self-Noise and Prediction", NASA
       Reference Publication 1218, 1989.

    Examples
    --------
    >>> from scann_sklearn.datasets import fetch_airfoil
    >>> airfoil = fetch_airfoil()  # doctest: +SKIP
    >>> airfoil.target[0]  # doctest: +SKIP
    np.float64(126.201)
    """
    (file,) = fetch_files(_FILES, data_home, download_if_missing)
    data, target, groups = read_airfoil(file)
    _, first_rows = np.unique(groups, return_index=True)
    chord_lengths = data[first_rows, _CHORD_LENGTH]
    return make_bunch(
        fetch_airfoil,
        data,
        target,
        draw_split(chord_lengths, _N_VALIDATION_RUNS, _N_TEST_RUNS)[groups],
        groups=groups,
        feature_names=[
            "frequency",
            "attack-angle",
            "chord-length",
            "free-stream-velocity",
            "suction-side-displacement-thickness",
        ],
        target_names=["scaled-sound-pressure"],
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
