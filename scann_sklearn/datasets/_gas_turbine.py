"""Gas Turbine CO and NOx Emission Data Set."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import os
from typing import Any

import numpy as np

from scann_sklearn.datasets._bunch import make_bunch
from scann_sklearn.datasets._fetch import UCI_ARCHIVES, UCI_FILES, DataFile, fetch_files
from scann_sklearn.datasets._parsers import read_gas_turbine

_URLS = (
    UCI_FILES + "00551/pp_gas_emission.zip",
    UCI_ARCHIVES + "551/gas+turbine+co+and+nox+emission+data+set.zip",
)
_SHA256 = {
    2011: "d87ceef9aa59533cc7d924d10de241b1b06ecd11f9b26bab59191ea0f8a76b9a",
    2012: "be54b9d0e1a7de40c55d32fa489e75de892b000c066b5a09f09a19124ee29100",
    2013: "13c437bb440ec2045bd12057e6654c41dd4107a661eac16ba2e878e897a08f9e",
    2014: "c2a03c92c9c3207aad0c6be7de8d9b5b4bfa4720ad0efb2c1f21b6cec4d3f3fa",
    2015: "9b08f35fde0d4b138232a605db4093c2b8bf9d6757e6f1fbd9534ad616c13591",
}
_N_BYTES = {2011: 562_921, 2012: 577_617, 2013: 540_334, 2014: 541_009, 2015: 556_928}
_FILES = tuple(
    DataFile(
        f"gas_turbine/gt_{year}.csv",
        urls=tuple(f"{url}#gt_{year}.csv" for url in _URLS),
        sha256=sha256,
        n_bytes=_N_BYTES[year],
    )
    for year, sha256 in _SHA256.items()
)
_PARTS = ("train", "train", "validation", "test", "test")


def fetch_gas_turbine(
    *,
    data_home: str | os.PathLike[str] | None = None,
    download_if_missing: bool = True,
    return_X_y: bool = False,
    as_frame: bool = False,
) -> Any:
    """Load the Gas Turbine CO and NOx Emission Data Set.

    Hourly measurements at a gas turbine in five years, in chronological order. The two emissions
    are to be predicted from the weather and the state of the turbine. The test set is that of the
    authors: the last two years.

    ==============================  ============================
    Targets                         2, real, CO and NOx in mg/m3
    Samples                         36733
    Train / validation / test       15039 / 7152 / 14542
    Features                        9, real
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

        - data : ndarray or DataFrame of shape (36733, 9), float64
        - target : ndarray or DataFrame of shape (36733, 2), float64, CO and NOx in mg/m3
        - frame : DataFrame of data and target if ``as_frame=True``, otherwise None
        - split : ndarray of shape (36733,), "train", "validation" or "test"
        - groups : ndarray of shape (36733,), int64, the years
        - feature_names : list of str, those of the file: ambient temperature, pressure and
          humidity, air filter difference pressure, gas turbine exhaust pressure, turbine inlet and
          after temperature, turbine energy yield, compressor discharge pressure
        - target_names : list of str, those of the file
        - DESCR : str

    Raises
    ------
    OSError
        If a file is missing and can't be downloaded, or is not the official one.

    Notes
    -----
    Files, below ``gas_turbine/``: ``gt_2011.csv`` to ``gt_2015.csv``, from UCI's archive, each
    verified by a SHA-256 that third parties publish.

    The authors train and cross-validate on the years 2011 to 2013 and test on 2014 and 2015 [2]_;
    here 2013 is the validation set. The turbine changes with time: the mean of NOx is 68 mg/m3 in
    the training set and 60 mg/m3 in the test set. Neighbouring hours are very similar, so that
    random splits are too optimistic about future years: split by `groups`. In 2014, one row occurs
    five times in succession, another one four times.

    Source: https://archive.ics.uci.edu/dataset/551. Licence: CC BY 4.0.

    References
    ----------
    .. [1] "Gas Turbine CO and NOx Emission Data Set", UCI Machine Learning Repository, 2019.
       https://doi.org/10.24432/C5WC95

    .. [2] H. Kaya, P. Tüfekci, E. Uzun, "Predicting CO and NOx emissions from gas turbines: novel
       data and a benchmark PEMS", Turkish Journal of Electrical Engineering & Computer Sciences
       27(6), 2019. https://doi.org/10.3906/elk-1807-87

    Examples
    --------
    >>> from scann_sklearn.datasets import fetch_gas_turbine
    >>> turbine = fetch_gas_turbine()  # doctest: +SKIP
    >>> turbine.target_names  # doctest: +SKIP
    ['CO', 'NOX']
    """
    years = [read_gas_turbine(f) for f in fetch_files(_FILES, data_home, download_if_missing)]
    sizes = [len(target) for _, target in years]
    return make_bunch(
        fetch_gas_turbine,
        np.concatenate([data for data, _ in years]),
        np.concatenate([target for _, target in years]),
        np.repeat(_PARTS, sizes),
        groups=np.repeat(np.array(list(_SHA256), dtype=np.int64), sizes),
        feature_names=["AT", "AP", "AH", "AFDP", "GTEP", "TIT", "TAT", "TEY", "CDP"],
        target_names=["CO", "NOX"],
        return_X_y=return_X_y,
        as_frame=as_frame,
    )
