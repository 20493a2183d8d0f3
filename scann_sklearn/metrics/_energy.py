"""The energy of one inference, after the operations that it needs."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scann_sklearn._constraints import check_finite, check_flag
from scann_sklearn.metrics._scorers import scorer
from scann_sklearn.metrics._stages_of import inference_stages
from scann_sklearn.model._counts import OperationCounts
from scann_sklearn.model._stages import Stage


@dataclass(frozen=True, kw_only=True)
class EnergyModel:
    """Energy of one inference: operations times what each of them costs.

    .. math:: E = n_{MAC} E_{MAC} + n_{SRAM} E_{SRAM} + n_{cmp} E_{cmp}

    Every connection that exists is one multiply-accumulate (MAC) and `accesses_per_connection`
    SRAM accesses, every neuron `accesses_per_neuron` more; for dense matrices of M x N and N x K
    that is MNK MACs and 2MNK + MK accesses. A ReLU is one comparison, a decision among c classes
    c - 1 of them; softmax and the logistic function of an output don't change the decision and
    cost nothing. A hidden tanh or logistic neuron is one read of a table in SRAM.

    Scaling each feature by itself costs nothing next to a linear stage, whose weights and biases
    take it up; before a nonlinear reduction it is one MAC a feature. An affine
    :class:`~scann_sklearn.DimReducer` is the product with its matrix (without the zeros of
    ``sparse_rp``). With L landmarks, d features and k components, Isomap and spectral embedding are
    Ld MACs for the squared distances, comparisons to find the nearest landmarks, and an extension
    product of Lk MACs. Between these, Isomap adds distances to path lengths (an addition counts as
    a MAC), and spectral embedding computes a kernel for each landmark (a table read for its
    exponential) and their sum.

    A value that is filled in where it is missing, and a category that is told from others, are one
    comparison each and one SRAM access, to the constant. Features that are not read cost
    nothing, and a selection of features neither.

    A decision tree, alone or in an ensemble, costs what its expected path does, over the training
    samples as the tree has them: by their weights (class weights, bootstrap), which
    :class:`~sklearn.ensemble.HistGradientBoostingClassifier` doesn't keep: it counts them. An inner
    node on the path is one comparison and three SRAM accesses: the threshold, the feature's value,
    and where the other child is. Which feature it is counts as an index read, like the source of a
    sparse weight. The leaf of a single tree is one access, to its class. Scaling each feature by
    itself ahead of trees, clipped or not, moves their thresholds and costs nothing. Values are
    taken to be there: what it takes to direct missing ones isn't counted.

    In an ensemble every number that a leaf adds to a sum is an addition, which counts as a
    connection does (a MAC; the number and the sum are read), every sum counts as a neuron, and the
    largest of them is a decision. Gradient boosting adds one number a tree. Forests average
    probabilities, as in scikit-learn: a leaf adds c - 1 of them. Where leaves are stored as class
    numbers (see :func:`n_bytes`), one whose samples are all of one class adds one vote, and another
    has an index read more, that of its distribution. With more than two classes the last sum takes
    c - 1 more additions.

    Regressors decide nothing: their outputs, leaves and sums are the values.

    With early exits a sample costs what is computed until it leaves; the energy is the mean over
    samples. To know whether it leaves is, of c > 2 outputs, c comparisons, c - 1 reads of a table
    for exponentials, and c - 1 additions; of a single output it is 2 comparisons. The mean of the
    probabilities at the end takes the exponentials of the last exit, and one MAC for each output of
    each exit.

    Parameters
    ----------
    mac : float, default=11.8e-12
        Joules of a multiply-accumulate. The defaults of all three are those of 130 nm CMOS that
        the SCANN paper [1]_ uses.

    sram_access : float, default=34.6e-12
        Joules of an SRAM access.

    comparison : float, default=6.16e-15
        Joules of a comparison.

    accesses_per_connection : float, default=2
        SRAM accesses for each connection: its weight and its source. An assumption, as the paper
        doesn't spell it out.

    accesses_per_neuron : float, default=1
        SRAM accesses for each neuron: its value is written. An assumption too.

    include_index_reads : bool, default=False
        Whether reading the index that a sparse weight is stored with, or the index of the feature
        that a tree's node compares, counts as an SRAM access. It is reported in any case, as
        ``operations(estimator).index_reads``.

    include_reduction : bool, default=True
        Whether scalers and dimensionality reduction count. The paper leaves them out.

    See Also
    --------
    energy_score : The energy under the default model as a scorer.

    References
    ----------
    .. [1] S. Hassantabar, Z. Wang, N. K. Jha, "SCANN: Synthesis of Compact and Accurate Neural
       Networks", IEEE Transactions on Computer-Aided Design of Integrated Circuits and Systems,
       2022, :arxiv:`1904.09090`.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from scann_sklearn.metrics import EnergyModel
    >>> classifier = LogisticRegression(max_iter=200).fit(
    ...     *load_iris(return_X_y=True)
    ... )
    >>> model = EnergyModel()
    >>> model.operations(classifier)
    OperationCounts(macs=12, sram_accesses=27, comparisons=2, index_reads=0)
    >>> print(f"{model.energy(classifier) * 1e9:.3f} nJ")
    1.076 nJ
    """

    mac: float = 11.8e-12
    sram_access: float = 34.6e-12
    comparison: float = 6.16e-15
    accesses_per_connection: float = 2
    accesses_per_neuron: float = 1
    include_index_reads: bool = False
    include_reduction: bool = True

    def __post_init__(self) -> None:
        for name in (
            "mac",
            "sram_access",
            "comparison",
            "accesses_per_connection",
            "accesses_per_neuron",
        ):
            check_finite(name, getattr(self, name))
        for name in ("include_index_reads", "include_reduction"):
            check_flag(name, getattr(self, name))

    def operations(self, estimator, X=None) -> OperationCounts:
        """Count the operations of one inference.

        Parameters
        ----------
        estimator : estimator
            A fitted estimator, pipeline or search, see :func:`energy_score`.

        X : {array-like, sparse matrix} of shape (n_samples, n_features), default=None
            Samples over which to take the mean, where early exits make a difference between them.
            None: those of the validation.

        Returns
        -------
        counts : OperationCounts
            MACs, SRAM accesses, comparisons and index reads, under the model's conventions.

        Raises
        ------
        TypeError
            If the operations of a part of `estimator` are not known.
        NotFittedError
            If `estimator` is not fitted.
        """
        ahead = self.include_reduction
        return stage_operations(inference_stages(estimator, include_reduction=ahead, X=X), self)

    def joules(self, counts) -> float:
        """Price operations.

        Parameters
        ----------
        counts : OperationCounts
            What `operations` returned, or a sum of these.

        Returns
        -------
        energy : float
            Energy in joules.
        """
        accesses = counts.sram_accesses + self.include_index_reads * counts.index_reads
        return float(
            counts.macs * self.mac
            + accesses * self.sram_access
            + counts.comparisons * self.comparison
        )

    def energy(self, estimator, X=None) -> float:
        """Compute the energy of one inference.

        Parameters
        ----------
        estimator : estimator
            A fitted estimator, pipeline or search, see :func:`energy_score`.

        X : {array-like, sparse matrix} of shape (n_samples, n_features), default=None
            See :meth:`operations`.

        Returns
        -------
        energy : float
            Energy in joules.

        Raises
        ------
        TypeError
            If the operations of a part of `estimator` are not known.
        NotFittedError
            If `estimator` is not fitted.
        """
        return self.joules(self.operations(estimator, X))

    @scorer
    def score(self, estimator, X=None, y=None, sample_weight=None) -> float:
        """Compute minus the energy, a scorer for any scikit-learn search.

        Parameters
        ----------
        estimator : estimator
            A fitted estimator, pipeline or search, see :func:`energy_score`.

        X : object, default=None
            Samples, where early exits make a difference between them; else ignored.

        y : object, default=None
            Ignored.

        sample_weight : object, default=None
            Ignored.

        Returns
        -------
        score : float
            Minus the energy in joules: greater is better.
        """
        return -self.energy(estimator, X)


def stage_operations(stages: Iterable[Stage], model: EnergyModel | None = None) -> OperationCounts:
    """Count the operations of stages, whatever they were made from: an estimator or C code.

    Parameters
    ----------
    stages : iterable of Stage
        Stages of one inference; all of them count.
    model : EnergyModel, default=None
        Whose conventions hold; None: the default ones.

    Returns
    -------
    counts : OperationCounts
        Their sum.
    """
    model = EnergyModel() if model is None else model
    counts = OperationCounts()
    for stage in stages:
        counts += stage.operations(model.accesses_per_connection, model.accesses_per_neuron)
    return counts


@scorer
def energy_score(estimator, X=None, y=None, sample_weight=None) -> float:
    """Score an estimator by minus the energy of one inference.

    It is a scorer: ``GridSearchCV(..., scoring={"energy": energy_score, ...})``. What counts is
    said in :class:`EnergyModel`, whose defaults are used; ``EnergyModel(...).score`` is a scorer
    with other constants or conventions.

    Parameters
    ----------
    estimator : estimator
        A fitted :class:`~scann_sklearn.SCANNClassifier`,
        :class:`~scann_sklearn.EarlyExitClassifier`, :class:`~scann_sklearn.SCANNRegressor`,
        :class:`~sklearn.neural_network.MLPClassifier`,
        :class:`~sklearn.linear_model.LogisticRegression`,
        :class:`~sklearn.tree.DecisionTreeClassifier`, :class:`~sklearn.tree.ExtraTreeClassifier`,
        :class:`~sklearn.ensemble.RandomForestClassifier`,
        :class:`~sklearn.ensemble.ExtraTreesClassifier`,
        :class:`~sklearn.ensemble.GradientBoostingClassifier` (with its default ``init`` or
        "zero") or :class:`~sklearn.ensemble.HistGradientBoostingClassifier` (without categorical
        splits), one of their counterparts for regression, a linear regressor
        (:class:`~sklearn.linear_model.LinearRegression`, :class:`~sklearn.linear_model.Ridge`,
        :class:`~sklearn.linear_model.Lasso` and relatives), a pipeline of
        :class:`~scann_sklearn.DimReducer`, :class:`~sklearn.decomposition.PCA`, scalers
        (standard, range, maximum, robust), feature selectors,
        :class:`~sklearn.impute.SimpleImputer`, :class:`~sklearn.preprocessing.OneHotEncoder`,
        :class:`~sklearn.preprocessing.OrdinalEncoder` or a
        :class:`~sklearn.compose.ColumnTransformer` of these with one of them, or a search over
        these. Trees that name classes have a single output.

    X : object, default=None
        Samples over which the mean is taken, where early exits make a difference between them; of
        all other estimators ignored.

    y : object, default=None
        Ignored.

    sample_weight : object, default=None
        Ignored.

    Returns
    -------
    score : float
        Minus the energy in joules: greater is better.

    Raises
    ------
    TypeError
        If the operations of a part of `estimator` are not known.
    NotFittedError
        If `estimator` is not fitted.

    See Also
    --------
    EnergyModel : The constants and conventions.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from sklearn.linear_model import LogisticRegression
    >>> from sklearn.model_selection import cross_validate
    >>> from scann_sklearn.metrics import energy_score
    >>> X, y = load_iris(return_X_y=True)
    >>> classifier = LogisticRegression(max_iter=200)
    >>> scores = cross_validate(
    ...     classifier, X, y, scoring={"energy": energy_score}, cv=2
    ... )
    >>> print(f"{scores['test_energy'][0]:.4g} J")
    -1.076e-09 J
    """
    return -EnergyModel().energy(estimator, X)
