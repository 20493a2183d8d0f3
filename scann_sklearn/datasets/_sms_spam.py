"""SMS Spam Collection: texts, for models of a sparse X."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
from typing import Any

import numpy as np

from scann_sklearn._files import shortened
from scann_sklearn.datasets._bunch import draw_split, make_bunch
from scann_sklearn.datasets._fetch import UCI_ARCHIVES, DataFile, fetch_files
from scann_sklearn.datasets._tables import File, contents

_FILES = (
    DataFile(
        "sms_spam/SMSSpamCollection",
        urls=(UCI_ARCHIVES + "228/sms+spam+collection.zip#SMSSpamCollection",),
        sha256="7d039a24a6083ed9ef0f806ebad56bbb976e3aeb8de05669173bfdc4996c239d",
        n_bytes=477_907,
    ),
)
_LABELS = ["ham", "spam"]


def read_sms_spam(file: File) -> tuple[np.ndarray, np.ndarray]:
    """Read a file of the SMS Spam Collection.

    Parameters
    ----------
    file : path-like or binary file
        ``SMSSpamCollection``, complete or some of its lines, plain or compressed with gzip or Unix
        compress.

    Returns
    -------
    data : ndarray of shape (n_samples,), object
        The texts.

    target : ndarray of shape (n_samples,), int64
        1 for spam, 0 for ham.

    Raises
    ------
    ValueError
        If the file is damaged or is another file: a line has no label and tab, bytes are not UTF-8,
        or an archive can't be unpacked.

    See Also
    --------
    fetch_sms_spam : The complete data set.

    Examples
    --------
    >>> from io import BytesIO
    >>> from scann_sklearn.datasets import read_sms_spam
    >>> read_sms_spam(BytesIO(b"ham\\tOk lar... Joking wif u oni..."))
    (array(['Ok lar... Joking wif u oni...'], dtype=object), array([0]))
    """
    try:
        text = contents(file).decode()
    except UnicodeDecodeError as error:
        raise ValueError(f"{file!r} is not a text in UTF-8: {shortened(error)}") from error
    lines = text.replace("\r\n", "\n").removesuffix("\n").split("\n")
    parts = [line.split("\t", 1) for line in lines]
    for row, part in enumerate(parts):
        if len(part) != 2 or part[0] not in _LABELS:
            raise ValueError(
                f"{file!r} has {shortened(lines[row])!r} in row {row}, not 'ham' or 'spam', a tab "
                "and a text."
            )
    data = np.array([text for _, text in parts], dtype=object)
    return data, np.array([_LABELS.index(label) for label, _ in parts], dtype=np.int64)


def fetch_sms_spam(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load the SMS Spam Collection.

    Short messages in English, ham or spam. The data are raw texts, which vectorizers of
    scikit-learn turn into a sparse X.

    ==============================  ============================
    Classes                         2
    Samples                         5574, of which 747 are spam
    Train / validation / test       3636 / 880 / 1058
    Features                        1, the text
    Download                        0.2 MB
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

        - data : ndarray or Series of shape (5574,), object, the texts
        - target : ndarray or Series of shape (5574,), int64, 1 for spam
        - frame : DataFrame of data and target if ``as_frame=True``, otherwise None
        - split : ndarray of shape (5574,), "train", "validation" or "test"
        - groups : ndarray of shape (5574,), int64, with the same number for equal texts
        - feature_names : list of str, "text"
        - target_names : list of str, "ham" and "spam"
        - DESCR : str

    Raises
    ------
    OSError
        If the file is missing and can't be downloaded, or is not the official one.

    Notes
    -----
    File: ``sms_spam/SMSSpamCollection``, from UCI, verified by the SHA-256 of copies in public
    repositories. 684 messages have the same text as another one. The split is a fixed, stratified
    random one of the 5171 different texts, so that equal texts are in the same set.

    Source: https://archive.ics.uci.edu/dataset/228. Licence: CC BY 4.0.

    References
    ----------
    .. [1] T. Almeida, J. M. Gómez Hidalgo, "SMS Spam Collection", UCI Machine Learning Repository,
       2011. https://doi.org/10.24432/C5CC84

    .. [2] T. A. Almeida, J. M. Gómez Hidalgo, A. Yamakami, "Contributions to the Study of SMS Spam
       Filtering: New Collection and Results", ACM Symposium on Document Engineering, 2011.

    Examples
    --------
    >>> from scann_sklearn.datasets import fetch_sms_spam
    >>> messages = fetch_sms_spam()  # doctest: +SKIP
    >>> messages.data[1]  # doctest: +SKIP
    'Ok lar... Joking wif u oni...'
    """
    (file,) = fetch_files(_FILES, data_home, download_if_missing)
    data, target = read_sms_spam(file)
    _, first, groups = np.unique(data, return_index=True, return_inverse=True)
    split = draw_split(target[first], n_validation=800, n_test=1000)[groups]
    return make_bunch(
        fetch_sms_spam,
        data,
        target,
        split,
        feature_names=["text"],
        target_names=_LABELS,
        return_X_y=return_X_y,
        as_frame=as_frame,
        groups=groups,
    )
