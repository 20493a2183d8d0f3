"""The size of what an estimator needs for one inference: connections, parameters, bytes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from scann_sklearn.metrics._counts import check_finite
from scann_sklearn.metrics._inference import inference_stages
from scann_sklearn.metrics._scorers import scorer
from scann_sklearn.metrics._stages import Stage


def n_connections(estimator, *, include_reduction=True):
    """Count the connections of an estimator.

    A connection is one multiplication of an inference: an existing weight of a network, an entry
    of a reducer's matrix. Biases are none, and scalings that fold into a linear stage neither.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier, pipeline or search, see :func:`energy_score`.

    include_reduction : bool, default=True
        Whether scalers and dimensionality reduction count. False: the network only, as in the
        SCANN paper.

    Returns
    -------
    n_connections : int
        Number of connections.

    Raises
    ------
    TypeError
        If the operations of a part of `estimator` are not known.
    NotFittedError
        If `estimator` is not fitted.

    See Also
    --------
    connections_score : Minus this number as a scorer.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.decomposition import PCA
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from scann_sklearn.metrics import n_connections
    >>> pipe = make_pipeline(PCA(2), LogisticRegression()).fit(*load_iris(return_X_y=True))
    >>> n_connections(pipe), n_connections(pipe, include_reduction=False)
    (14, 6)
    """
    stages = inference_stages(estimator, include_reduction=include_reduction)
    return int(sum(stage.n_connections for stage in stages))


def flops(estimator, *, include_reduction=True):
    """Count the floating-point operations of one inference.

    Two for each connection, a multiplication and an addition, as in the SCANN paper.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier, pipeline or search, see :func:`energy_score`.

    include_reduction : bool, default=True
        Whether scalers and dimensionality reduction count.

    Returns
    -------
    flops : int
        Number of operations.

    Raises
    ------
    TypeError
        If the operations of a part of `estimator` are not known.
    NotFittedError
        If `estimator` is not fitted.

    See Also
    --------
    EnergyModel : Counts MACs, memory accesses and comparisons.
    """
    return 2 * n_connections(estimator, include_reduction=include_reduction)


def n_parameters(estimator, *, include_reduction=True):
    """Count the numbers that an estimator keeps for inference, biases included.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier, pipeline or search, see :func:`energy_score`.

    include_reduction : bool, default=True
        Whether scalers and dimensionality reduction count.

    Returns
    -------
    n_parameters : int
        Weights and biases.

    Raises
    ------
    TypeError
        If the operations of a part of `estimator` are not known.
    NotFittedError
        If `estimator` is not fitted.

    See Also
    --------
    n_connections : The same without biases.
    n_bytes : What the parameters and indices take up.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from scann_sklearn.metrics import n_parameters
    >>> n_parameters(LogisticRegression(max_iter=200).fit(*load_iris(return_X_y=True)))
    15
    """
    stages = inference_stages(estimator, include_reduction=include_reduction)
    return int(sum(stage.n_stored + stage.n_biases for stage in stages))


def n_bytes(estimator, *, weight_bytes=4, bias_bytes=4, include_reduction=True):
    """Compute the memory that an estimator's parameters take up on a device.

    A dense matrix is its weights and its biases. A sparse one (a
    :class:`~scann_sklearn.SCANNClassifier`, the matrix of ``sparse_rp``) is stored row by row:
    its weights, with each of them the index of its source, where each row begins, and the biases.
    Indices and row starts have 1, 2 or 4 bytes, as few as hold the largest of them.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier, pipeline or search, see :func:`energy_score`.

    weight_bytes : float, default=4
        Bytes of a weight; 1 for an 8-bit network, 0.5 for two weights in a byte.

    bias_bytes : float, default=4
        Bytes of a bias.

    include_reduction : bool, default=True
        Whether scalers and dimensionality reduction count.

    Returns
    -------
    n_bytes : float
        Bytes of all parameters and indices, without code and activations.

    Raises
    ------
    TypeError
        If the operations of a part of `estimator` are not known.
    ValueError
        If `weight_bytes` or `bias_bytes` is no finite number of at least 0.
    NotFittedError
        If `estimator` is not fitted.

    See Also
    --------
    bytes_score : Minus this number as a scorer.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from scann_sklearn.metrics import n_bytes
    >>> classifier = LogisticRegression(max_iter=200).fit(*load_iris(return_X_y=True))
    >>> n_bytes(classifier), n_bytes(classifier, weight_bytes=1)
    (60.0, 24.0)
    """
    check_finite("weight_bytes", weight_bytes)
    check_finite("bias_bytes", bias_bytes)
    stages = inference_stages(estimator, include_reduction=include_reduction)
    values = sum(weight_bytes * stage.n_stored + bias_bytes * stage.n_biases for stage in stages)
    return float(values + sum(_index_bytes(stage) for stage in stages if stage.indexed))


def _index_bytes(stage: Stage) -> int:
    indices = stage.n_connections * _width(stage.n_sources - 1)
    return indices + (stage.n_targets + 1) * _width(stage.n_connections)


def _width(largest: int) -> int:
    """Bytes of an unsigned integer up to `largest`."""
    return 1 if largest < 2**8 else 2 if largest < 2**16 else 4


@scorer
def connections_score(estimator, X=None, y=None, sample_weight=None):
    """Score an estimator by minus its number of connections.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier, pipeline or search, see :func:`energy_score`.

    X : object, default=None
        Ignored, as the number doesn't depend on the data.

    y : object, default=None
        Ignored.

    sample_weight : object, default=None
        Ignored.

    Returns
    -------
    score : float
        Minus the number of connections, the reduction's included: greater is better.

    See Also
    --------
    n_connections : What counts as a connection.
    """
    return -float(n_connections(estimator))


@scorer
def bytes_score(estimator, X=None, y=None, sample_weight=None):
    """Score an estimator by minus the bytes of its parameters.

    Parameters
    ----------
    estimator : estimator
        A fitted classifier, pipeline or search, see :func:`energy_score`.

    X : object, default=None
        Ignored, as the size doesn't depend on the data.

    y : object, default=None
        Ignored.

    sample_weight : object, default=None
        Ignored.

    Returns
    -------
    score : float
        Minus the bytes of 4-byte weights and biases and their indices: greater is better.

    See Also
    --------
    n_bytes : How parameters are stored.
    """
    return -n_bytes(estimator)
