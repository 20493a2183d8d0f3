"""Parsers of the raw files: partial ones too, which the loaders don't accept."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import math

import numpy as np

from scann_sklearn._files import shortened
from scann_sklearn.datasets._tables import (
    File,
    Names,
    contents,
    integers,
    read_indicators,
    read_table,
)


def read_pendigits(file: File) -> tuple[np.ndarray, np.ndarray]:
    """Read a file of Pen-Based Recognition of Handwritten Digits.

    Parameters
    ----------
    file : path-like or binary file
        ``pendigits.tra`` or ``pendigits.tes``, complete or some of its lines, plain or compressed
        with gzip or Unix compress.

    Returns
    -------
    data : ndarray of shape (n_samples, 16), float64
        Coordinates of the pen.

    target : ndarray of shape (n_samples,), int64
        The digits.

    Raises
    ------
    ValueError
        If the file is damaged or is another file: a value is not a finite number, a label is not an
        integer, the number of columns is wrong, or an archive can't be unpacked.

    See Also
    --------
    fetch_pendigits : The complete data set.

    Examples
    --------
    >>> from io import BytesIO
    >>> from scann_sklearn.datasets import read_pendigits
    >>> line = (
    ...     b" 47,100, 27, 81, 57, 37, 26,  0,"
    ...     b"  0, 23, 56, 53,100, 90, 40, 98, 8"
    ... )
    >>> data, target = read_pendigits(BytesIO(line))
    >>> data.shape, target
    ((1, 16), array([8]))
    """
    table = read_table(file, 17, delimiter=",")
    return table[:, :-1], integers(file, table[:, -1])


def read_satimage(file: File) -> tuple[np.ndarray, np.ndarray]:
    """Read a file of Statlog Landsat Satellite.

    Parameters
    ----------
    file : path-like or binary file
        ``sat.trn`` or ``sat.tst``, complete or some of its lines, plain or compressed with gzip or
        Unix compress.

    Returns
    -------
    data : ndarray of shape (n_samples, 36), float64
        Spectral values, 0 to 255.

    target : ndarray of shape (n_samples,), int64
        Labels of the soil, 1 to 7.

    Raises
    ------
    ValueError
        If the file is damaged or is another file: a value is not a finite number, a label is not an
        integer, the number of columns is wrong, or an archive can't be unpacked.

    See Also
    --------
    fetch_satimage : The complete data set.
    """
    table = read_table(file, 37)
    return table[:, :-1], integers(file, table[:, -1])


def read_dna(file: File) -> tuple[np.ndarray, np.ndarray]:
    """Read a file of Statlog DNA in LIBSVM's format.

    Parameters
    ----------
    file : path-like or binary file
        ``dna.scale.tr``, ``dna.scale.val`` or ``dna.scale.t``, complete or some of its lines, plain
        or compressed with gzip or Unix compress.

    Returns
    -------
    data : ndarray of shape (n_samples, 180), float64
        Binary indicators of the bases.

    target : ndarray of shape (n_samples,), int64
        Labels of the splice junction, 1 to 3.

    Raises
    ------
    ValueError
        If the file is damaged or is another file: a value is not a finite number, a label is not an
        integer, the number of columns is wrong, or an archive can't be unpacked.

    See Also
    --------
    fetch_dna : The complete data set.
    """
    return read_indicators(file, 180)


def read_letter(file: File) -> tuple[np.ndarray, np.ndarray]:
    """Read the file of Letter Recognition.

    Parameters
    ----------
    file : path-like or binary file
        ``letter-recognition.data``, complete or some of its lines, plain or compressed with gzip or
        Unix compress.

    Returns
    -------
    data : ndarray of shape (n_samples, 16), float64
        Features of the images of letters, 0 to 15.

    target : ndarray of shape (n_samples,), str
        The letters.

    Raises
    ------
    ValueError
        If the file is damaged or is another file: a value is not a finite number, a label is not an
        integer, the number of columns is wrong, or an archive can't be unpacked.

    See Also
    --------
    fetch_letter : The complete data set.
    """
    letters = Names("[A-Z]")
    table = read_table(file, 17, delimiter=",", converters={0: letters.number})
    return table[:, 1:], letters.of(table[:, 0])


def read_musk(file: File) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read the file of Musk (Version 2).

    Parameters
    ----------
    file : path-like or binary file
        ``clean2.data`` or ``clean2.data.Z``, complete or some of its lines, plain or compressed
        with gzip or Unix compress.

    Returns
    -------
    data : ndarray of shape (n_samples, 166), float64
        Features of a conformation.

    target : ndarray of shape (n_samples,), int64
        1 for a musk, 0 for a non-musk.

    groups : ndarray of shape (n_samples,), str
        Names of the molecules.

    Raises
    ------
    ValueError
        If the file is damaged or is another file: a value is not a finite number, a label is not an
        integer, the number of columns is wrong, or an archive can't be unpacked.

    See Also
    --------
    fetch_musk : The complete data set.
    """
    molecules, conformations = Names(), Names()
    converters = {0: molecules.number, 1: conformations.number}
    table = read_table(file, 169, delimiter=",", converters=converters)
    return table[:, 2:-1], integers(file, table[:, -1]), molecules.of(table[:, 0])


def read_epileptic_seizure(file: File) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read the file of Epileptic Seizure Recognition.

    Parameters
    ----------
    file : path-like or binary file
        ``data.csv``, complete or its header and some other lines, plain or compressed with gzip or
        Unix compress.

    Returns
    -------
    data : ndarray of shape (n_samples, 178), float64
        One second of an EEG.

    target : ndarray of shape (n_samples,), int64
        Labels of the five kinds of recordings; 1 is seizure activity.

    groups : ndarray of shape (n_samples,), str
        Names of the recordings that the seconds were cut from.

    Raises
    ------
    ValueError
        If the file is damaged or is another file: a value is not a finite number, a label is not an
        integer, the number of columns is wrong, or an archive can't be unpacked.

    See Also
    --------
    fetch_epileptic_seizure : The complete data set, with two classes.
    """
    # An id such as X21.V1.791: second 21 of the recording V1.791.
    recordings = Names(r"[^.]*\.(\S{1,64})")
    table = read_table(
        file, 180, delimiter=",", quotechar='"', skiprows=1, converters={0: recordings.number}
    )
    return table[:, 1:-1], integers(file, table[:, -1]), recordings.of(table[:, 0])


def read_har(
    features: File, labels: File, subjects: File
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read one part of a data set of human activities recorded with smartphones.

    Parameters
    ----------
    features : path-like or binary file
        ``X_train.txt`` or ``X_test.txt``, plain or compressed with gzip or Unix compress.

    labels : path-like or binary file
        ``y_train.txt`` or ``y_test.txt``, likewise.

    subjects : path-like or binary file
        ``subject_train.txt`` or ``subject_test.txt``, with transitions ``subject_id_train.txt`` or
        ``subject_id_test.txt``, likewise.

    Returns
    -------
    data : ndarray of shape (n_samples, 561), float64
        Features of a window of 2.56 s, -1 to 1.

    target : ndarray of shape (n_samples,), int64
        Labels of the activities.

    groups : ndarray of shape (n_samples,), int64
        Numbers of the subjects.

    Raises
    ------
    ValueError
        If the three files don't have the same number of rows, or if one is damaged or is another
        file: a value is not a finite number, a label is not an integer, the number of columns is
        wrong, or an archive can't be unpacked.

    See Also
    --------
    fetch_har : The complete data set of six activities.
    fetch_smartphone_har_transitions : The complete data set of activities and transitions.
    """
    data = read_table(features, 561)
    target = integers(labels, read_table(labels, 1)[:, 0])
    groups = integers(subjects, read_table(subjects, 1)[:, 0])
    if not len(data) == len(target) == len(groups):
        raise ValueError(
            f"{len(data)} rows of features, {len(target)} of labels and {len(groups)} "
            "of subjects: the three files must be of the same part."
        )
    return data, target, groups


def read_sensorless_drive(file: File) -> tuple[np.ndarray, np.ndarray]:
    """Read the file of Sensorless Drive Diagnosis.

    Parameters
    ----------
    file : path-like or binary file
        ``Sensorless_drive_diagnosis.txt``, complete or some of its lines, plain or compressed with
        gzip or Unix compress.

    Returns
    -------
    data : ndarray of shape (n_samples, 48), float64
        Statistics of the motor's currents.

    target : ndarray of shape (n_samples,), int64
        Labels of the conditions, 1 to 11.

    Raises
    ------
    ValueError
        If the file is damaged or is another file: a value is not a finite number, a label is not an
        integer, the number of columns is wrong, or an archive can't be unpacked.

    See Also
    --------
    fetch_sensorless_drive : The complete data set.
    """
    table = read_table(file, 49)
    return table[:, :-1], integers(file, table[:, -1])


def read_airfoil(file: File) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Read the file of Airfoil Self-Noise.

    Parameters
    ----------
    file : path-like or binary file
        ``airfoil_self_noise.dat``, complete or some of its lines, plain or compressed with gzip or
        Unix compress.

    Returns
    -------
    data : ndarray of shape (n_samples, 5), float64
        Frequency, angle of attack, chord length, velocity and displacement thickness.

    target : ndarray of shape (n_samples,), float64
        Scaled sound pressure level in dB.

    groups : ndarray of shape (n_samples,), int64
        Numbers of the runs, from 0: rows of the same angle, chord length and velocity.

    Raises
    ------
    ValueError
        If the file is damaged or is another file: a value is not a finite number, the number of
        columns is wrong, or an archive can't be unpacked.

    See Also
    --------
    fetch_airfoil : The complete data set.
    """
    table = read_table(file, 6)
    _, groups = np.unique(table[:, 1:4], axis=0, return_inverse=True)
    return table[:, :-1], table[:, -1], groups.reshape(-1).astype(np.int64)


def read_gas_turbine(file: File) -> tuple[np.ndarray, np.ndarray]:
    """Read a file of the Gas Turbine CO and NOx Emission Data Set.

    Parameters
    ----------
    file : path-like or binary file
        ``gt_2011.csv`` or that of another year, complete or its header and some other lines, plain
        or compressed with gzip or Unix compress.

    Returns
    -------
    data : ndarray of shape (n_samples, 9), float64
        The weather and the state of the turbine in one hour.

    target : ndarray of shape (n_samples, 2), float64
        CO and NOx in mg/m3.

    Raises
    ------
    ValueError
        If the file is damaged or is another file: a value is not a finite number, the number of
        columns is wrong, or an archive can't be unpacked.

    See Also
    --------
    fetch_gas_turbine : The complete data set.
    """
    table = read_table(file, 11, delimiter=",", skiprows=1)
    return table[:, :-2], table[:, -2:]


def read_idx(file: File) -> np.ndarray:
    """Read an array of bytes in the IDX format of MNIST.

    Parameters
    ----------
    file : path-like or binary file
        A file such as ``train-images-idx3-ubyte``, plain or compressed with gzip or Unix compress.

    Returns
    -------
    array : ndarray, uint8
        The array, in the shape that the file states.

    Raises
    ------
    ValueError
        If the file is not an IDX file of bytes, if its number of values is not that of its shape,
        or if it is an archive that can't be unpacked.

    See Also
    --------
    fetch_mnist : The complete data set.

    Examples
    --------
    >>> from io import BytesIO
    >>> from scann_sklearn.datasets import read_idx
    >>> read_idx(BytesIO(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1])))
    array([7, 2, 1], dtype=uint8)
    """
    content = contents(file)
    start = 4 + 4 * content[3] if len(content) > 3 else 4
    if content[:3] != b"\0\0\x08" or len(content) < start:
        raise ValueError(
            f"{file!r} starts with {content[:4]!r}, which is not the start of an IDX file of bytes."
        )
    shape = tuple(int(size) for size in np.frombuffer(content[4:start], dtype=">u4"))
    if len(content) - start != math.prod(shape):
        raise ValueError(
            f"{file!r} has {len(content) - start} values, but its shape is {shortened(shape)}."
        )
    try:
        return np.frombuffer(content[start:], dtype=np.uint8).reshape(shape).copy()
    except ValueError as error:  # dozens of dimensions, or huge ones beside an empty one
        raise ValueError(f"{file!r} has the shape {shortened(shape)}: {error}.") from error
