"""The size of what an estimator needs for one inference: connections, parameters, bytes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from scann_sklearn._constraints import check_finite
from scann_sklearn.metrics._scorers import scorer
from scann_sklearn.metrics._stages_of import inference_stages
from scann_sklearn.metrics._trees import TreeStage


def n_connections(estimator, *, include_reduction=True) -> int:
    """Count the connections of an estimator.

    A connection is one multiplication of an inference: an existing weight of a network, an entry
    of a reducer's matrix. Biases are none, and scalings that fold into a linear stage neither.
    Decision trees have none, which is not to say that they cost nothing: they are refused.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator, pipeline or search, see :func:`energy_score`.

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
        If the operations of a part of `estimator` are not known, or if a part of it is a decision
        tree or an ensemble of them.
    NotFittedError
        If `estimator` is not fitted.

    See Also
    --------
    n_bytes : A size that trees have too.
    connections_score : Minus this number as a scorer.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.decomposition import PCA
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.pipeline import make_pipeline
    >>> from scann_sklearn.metrics import n_connections
    >>> pipe = make_pipeline(PCA(2), LogisticRegression()).fit(
    ...     *load_iris(return_X_y=True)
    ... )
    >>> n_connections(pipe), n_connections(pipe, include_reduction=False)
    (14, 6)
    """
    stages = inference_stages(estimator, include_reduction=include_reduction)
    if any(isinstance(stage, TreeStage) for stage in stages):
        raise TypeError(
            f"Can't count the connections of {type(estimator).__name__}: {estimator!r}. Decision "
            "trees have none: compare them by n_bytes, n_parameters or energy."
        )
    return int(sum(stage.n_connections for stage in stages))


def flops(estimator, *, include_reduction=True) -> int | float:
    """Count the floating-point operations of one inference.

    Two for each connection, a multiplication and an addition, as in the SCANN paper; ReLUs and
    decisions don't count. Of decision trees: one for each threshold on the expected path and one
    for each number that an ensemble adds up, see :class:`EnergyModel`.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator, pipeline or search, see :func:`energy_score`.

    include_reduction : bool, default=True
        Whether scalers and dimensionality reduction count.

    Returns
    -------
    flops : int or float
        Number of operations; a float, as an expected value, where there are trees.

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
    stages = inference_stages(estimator, include_reduction=include_reduction)
    total = sum(stage.flops for stage in stages)
    return total if isinstance(total, float) else int(total)


def n_parameters(estimator, *, include_reduction=True) -> int:
    """Count the numbers that an estimator keeps for inference, biases included.

    Those of decision trees are a threshold for each inner node, and what each leaf says: a class,
    a number, or the probabilities of all classes but one.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator, pipeline or search, see :func:`energy_score`.

    include_reduction : bool, default=True
        Whether scalers and dimensionality reduction count.

    Returns
    -------
    n_parameters : int
        Weights and biases, thresholds and leaves.

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
    >>> n_parameters(
    ...     LogisticRegression(max_iter=200).fit(*load_iris(return_X_y=True))
    ... )
    15
    """
    stages = inference_stages(estimator, include_reduction=include_reduction)
    return int(sum(stage.n_parameters for stage in stages))


def n_bytes(estimator, *, weight_bytes=4, bias_bytes=4, include_reduction=True) -> float:
    """Compute the memory that an estimator's parameters take up on a device.

    A dense matrix is its weights and its biases. A sparse one (a
    :class:`~scann_sklearn.SCANNClassifier`, the matrix of ``sparse_rp``) is stored row by row:
    its weights, with each of them the index of its source, where each row begins, and the biases.
    Indices and row starts have 1, 2 or 4 bytes, as few as hold the largest of them.

    An inner node of a decision tree is its threshold (a weight), the index of its feature, and the
    number of inner nodes left of it, of 1 byte where no tree has more than 256. In depth-first
    order that is all it takes: the left child comes next, the right one after so many, and a
    subtree without inner nodes is a leaf. The leaf of a single tree is a class number, that of
    gradient boosting a number (a weight); the constants that boosting starts from are biases. As
    forests average probabilities, a leaf has c - 1 of them (weights); or all leaves have a class
    number, or an index into a table of those distributions that are not of one class, whichever is
    smaller at 4 bytes a weight. An ensemble also has where each tree begins. This is enough to
    predict classes, and at 4 bytes a threshold exact for features in single precision; the
    probabilities that a single tree gives would take more.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator, pipeline or search, see :func:`energy_score`.

    weight_bytes : float, default=4
        Bytes of a weight; 1 for an 8-bit network, 0.5 for two weights in a byte. Of a threshold
        and a number in a leaf too.

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
    >>> classifier = LogisticRegression(max_iter=200).fit(
    ...     *load_iris(return_X_y=True)
    ... )
    >>> n_bytes(classifier), n_bytes(classifier, weight_bytes=1)
    (60.0, 24.0)
    """
    check_finite("weight_bytes", weight_bytes)
    check_finite("bias_bytes", bias_bytes)
    stages = inference_stages(estimator, include_reduction=include_reduction)
    values = sum(weight_bytes * stage.n_stored + bias_bytes * stage.n_biases for stage in stages)
    return float(values + sum(stage.index_bytes for stage in stages))


@scorer
def connections_score(estimator, X=None, y=None, sample_weight=None) -> float:
    """Score an estimator by minus its number of connections.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator, pipeline or search, see :func:`energy_score`.

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
    n_connections : What counts as a connection; trees are refused.
    """
    return -float(n_connections(estimator))


@scorer
def bytes_score(estimator, X=None, y=None, sample_weight=None) -> float:
    """Score an estimator by minus the bytes of its parameters.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator, pipeline or search, see :func:`energy_score`.

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
