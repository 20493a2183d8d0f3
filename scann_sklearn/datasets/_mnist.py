"""The handwritten digits of MNIST."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
from typing import Any

import numpy as np

from scann_sklearn.datasets._bunch import make_bunch, official_split
from scann_sklearn.datasets._fetch import DataFile, fetch_files
from scann_sklearn.datasets._parsers import read_idx

_FOLDERS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "http://yann.lecun.com/exdb/mnist/",
)
_SHA256 = {
    "train-images-idx3-ubyte.gz": (
        "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"
    ),
    "train-labels-idx1-ubyte.gz": (
        "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"
    ),
    "t10k-images-idx3-ubyte.gz": (
        "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"
    ),
    "t10k-labels-idx1-ubyte.gz": (
        "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"
    ),
}
_N_BYTES = {
    "train-images-idx3-ubyte.gz": 9_912_422,
    "train-labels-idx1-ubyte.gz": 28_881,
    "t10k-images-idx3-ubyte.gz": 1_648_877,
    "t10k-labels-idx1-ubyte.gz": 4_542,
}
_FILES = tuple(
    DataFile(
        f"mnist/{name}",
        urls=tuple(folder + name for folder in _FOLDERS),
        sha256=sha256,
        n_bytes=_N_BYTES[name],
    )
    for name, sha256 in _SHA256.items()
)


def fetch_mnist(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load the handwritten digits of MNIST.

    Images of 28 x 28 grey levels, row by row, with 0 for the background. The test set is the
    official one.

    ==============================  ============================
    Classes                         10
    Samples                         70000
    Train / validation / test       50000 / 10000 / 10000
    Features                        784, integers 0 to 255
    Download                        12 MB
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

        - data : ndarray or DataFrame of shape (70000, 784), float32
        - target : ndarray or Series of shape (70000,), int64, the digits
        - frame : DataFrame of data and target if ``as_frame=True``, otherwise None
        - split : ndarray of shape (70000,), "train", "validation" or "test"
        - feature_names : list of str, ``pixel1`` to ``pixel784``
        - target_names : list of str, in the order of the sorted labels
        - DESCR : str

    Raises
    ------
    OSError
        If a file is missing and can't be downloaded, or is not the official one.

    Notes
    -----
    Files, below ``mnist/``: ``train-images-idx3-ubyte.gz``, ``train-labels-idx1-ubyte.gz``,
    ``t10k-images-idx3-ubyte.gz`` and ``t10k-labels-idx1-ubyte.gz``, from mirrors of the original
    page, each verified, in its compressed form, by its published SHA-256. The validation set is a
    fixed, stratified random sample of the official training set. The data are float32, 220 MB;
    float64 would take twice as much.

    Source: http://yann.lecun.com/exdb/mnist/. Licence: CC BY-SA 3.0, as commonly stated.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document
       recognition", Proceedings of the IEEE 86, 1998.

    Examples
    --------
    >>> from scann_sklearn.datasets import fetch_mnist
    >>> mnist = fetch_mnist()  # doctest: +SKIP
    >>> mnist.data.shape  # doctest: +SKIP
    (70000, 784)
    """
    images, labels, test_images, test_labels = (
        read_idx(file) for file in fetch_files(_FILES, data_home, download_if_missing)
    )
    return make_bunch(
        fetch_mnist,
        np.concatenate([images, test_images]).reshape(-1, 784).astype(np.float32),
        np.concatenate([labels, test_labels]).astype(np.int64),
        official_split(labels, 10000, test_labels),
        feature_names=[f"pixel{i}" for i in range(1, 785)],
        target_names=[str(digit) for digit in range(10)],
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
