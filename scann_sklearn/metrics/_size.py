"""The size of what an estimator needs for one inference: connections, parameters, bytes."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from scann_sklearn._constraints import check_finite
from scann_sklearn.metrics._scorers import scorer
from scann_sklearn.metrics._stages_of import inference_stages
from scann_sklearn.metrics._trees import TreeStage


def n_connections(estimator, *, include_reduction=True) -> int:
    """Count the connections of an estimator.

    A connection is one weight that an inference multiplies by: an existing weight of a network, or
    an entry of a reducer's matrix (without the zeros of ``sparse_rp``). Biases don't count, and
    neither do scalings that can be folded into a linear stage. Decision trees have no connections
    but are not free of cost: therefore they raise an error.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator, pipeline or search, see :func:`energy_score`.

    include_reduction : bool, default=True
        Whether scalers and dimensionality reduction count. If False, only the network counts, as
        in the SCANN paper.

    Returns
    -------
    n_connections : int
        Number of connections.

    Raises
    ------
    TypeError
        If the operations of a part of `estimator` are not known, or if it contains decision trees.
    NotFittedError
        If `estimator` is not fitted.

    See Also
    --------
    n_bytes : A size that is also defined for trees.
    connections_score : The negative of this number, as a scorer.

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

    There are two per connection, a multiplication and an addition, as in the SCANN paper. ReLUs
    and decisions don't count. In decision trees, there is one per threshold on the expected path
    and one per number that an ensemble adds, see :class:`EnergyModel`.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator, pipeline or search, see :func:`energy_score`.

    include_reduction : bool, default=True
        Whether scalers and dimensionality reduction count.

    Returns
    -------
    flops : int or float
        Number of operations. For trees it is an expected value, and a float.

    Raises
    ------
    TypeError
        If the operations of a part of `estimator` are not known.
    NotFittedError
        If `estimator` is not fitted.

    See Also
    --------
    EnergyModel : Count MACs, memory accesses and comparisons.
    """
    stages = inference_stages(estimator, include_reduction=include_reduction)
    total = sum(stage.flops for stage in stages)
    return total if isinstance(total, float) else int(total)


def n_parameters(estimator, *, include_reduction=True) -> int:
    """Count the parameters that an inference needs, including biases.

    The parameters of decision trees are the threshold of each inner node, and the content of each
    leaf: a class, a number, or the probabilities of all classes but one.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator, pipeline or search, see :func:`energy_score`.

    include_reduction : bool, default=True
        Whether scalers and dimensionality reduction count.

    Returns
    -------
    n_parameters : int
        Number of weights and biases, thresholds and leaf contents.

    Raises
    ------
    TypeError
        If the operations of a part of `estimator` are not known.
    NotFittedError
        If `estimator` is not fitted.

    See Also
    --------
    n_connections : Number of connections.
    n_bytes : Memory of the parameters and indices.

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

    **Networks.** A dense matrix takes up its weights and biases. A sparse one (a
    :class:`~scann_sklearn.SCANNClassifier`, or the matrix of ``sparse_rp``) is stored row by row:
    each weight with the index of its source, the start of each row, and the biases. Indices and row
    starts have 1, 2 or 4 bytes, as few as can hold the largest of them.

    **Decision trees.** An inner node is its threshold (a weight), the index of its feature, and the
    number of inner nodes to the left of it, of 1 byte if no tree has more than 256. In depth-first
    order this is sufficient: the left child comes next, the right one after this number of nodes,
    and a subtree without inner nodes is a leaf. The leaf of a single tree is a class index, and
    that of gradient boosting a number (a weight); the constants that boosting starts from are
    biases. Forests average probabilities: either each leaf has c - 1 of them (weights), or each
    leaf has a class index, or an index into a table of the distributions over several classes,
    whichever is smaller at 4 bytes per weight. An ensemble also stores where each tree begins. This
    is enough to predict classes, exactly for features in single precision if a threshold has 4
    bytes; the probabilities of a single tree would take more.

    Parameters
    ----------
    estimator : estimator
        A fitted estimator, pipeline or search, see :func:`energy_score`.

    weight_bytes : float, default=4
        Bytes per weight, and per threshold and number in a leaf: 1 for an 8-bit network, 0.5 if
        one byte holds two weights.

    bias_bytes : float, default=4
        Bytes per bias.

    include_reduction : bool, default=True
        Whether scalers and dimensionality reduction count.

    Returns
    -------
    n_bytes : float
        Number of bytes of all parameters and indices, without code and activations.

    Raises
    ------
    TypeError
        If the operations of a part of `estimator` are not known.
    ValueError
        If `weight_bytes` or `bias_bytes` is not a finite number of at least 0.
    NotFittedError
        If `estimator` is not fitted.

    See Also
    --------
    bytes_score : The negative of this number, as a scorer.

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
    """Score an estimator by its negative number of connections.

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
        Negative number of connections, including those of a reduction: greater is better.

    Raises
    ------
    TypeError
        If the operations of a part of `estimator` are not known, or if it contains decision trees.
    NotFittedError
        If `estimator` is not fitted.

    See Also
    --------
    n_connections : The number of connections, and what counts as one.
    """
    return -float(n_connections(estimator))


@scorer
def bytes_score(estimator, X=None, y=None, sample_weight=None) -> float:
    """Score an estimator by the negative number of bytes of its parameters.

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
        Negative number of bytes of 4-byte weights and biases and their indices: greater is better.

    Raises
    ------
    TypeError
        If the operations of a part of `estimator` are not known.
    NotFittedError
        If `estimator` is not fitted.

    See Also
    --------
    n_bytes : The number of bytes, and how parameters are stored.
    """
    return -n_bytes(estimator)
