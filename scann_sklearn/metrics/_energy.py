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
    """Energy of one inference: number of operations times energy per operation.

    .. math:: E = n_{MAC} E_{MAC} + n_{SRAM} E_{SRAM} + n_{cmp} E_{cmp}

    **Networks.** Each existing connection counts as one multiply-accumulate (MAC) and
    `accesses_per_connection` SRAM accesses, and each neuron as `accesses_per_neuron` more. For
    dense matrices of M x N and N x K this gives MNK MACs and 2MNK + MK accesses. A ReLU is one
    comparison, and a decision among c classes is c - 1 comparisons. Softmax and the logistic
    function of an output don't change the decision and cost nothing. A hidden tanh or logistic
    neuron is one read of a table in SRAM. Regressors of any kind have no decision.

    **Preprocessing.** Scaling each feature separately costs nothing next to a linear stage, into
    whose weights and biases it can be folded; before a nonlinear reduction it is one MAC per
    feature. An affine :class:`~scann_sklearn.DimReducer` is the product with its matrix (without
    the zeros of ``sparse_rp``). With L landmarks, d features and k components, Isomap and spectral
    embedding are Ld MACs for the squared distances, comparisons to find the nearest landmarks, and
    an extension product of Lk MACs. Between these, Isomap adds distances to path lengths (an
    addition counts as a MAC), and spectral embedding computes one kernel per landmark (a table read
    for its exponential) and their sum. Filling in a missing value, and comparing a category, are
    one comparison each and one SRAM access, to the constant. Selecting features costs nothing, and
    features that are not read cost nothing.

    **Decision trees**, alone or in an ensemble, cost as much as their expected path. The
    expectation is over the training samples with the weights that the tree has stored (class
    weights, bootstrap); :class:`~sklearn.ensemble.HistGradientBoostingClassifier` stores none, and
    all samples count the same. An inner node on the path is one comparison and three SRAM accesses:
    to the threshold, to the value of the feature, and to the position of the other child. The index
    of the feature counts as an index read, like the source of a sparse weight. The leaf of a single
    tree is one access, to its class. Scaling each feature separately ahead of trees, clipped or
    not, is folded into their thresholds and costs nothing. The handling of missing values is not
    counted.

    **Ensembles.** Each number that a leaf adds to a sum counts as a connection does (a MAC; the
    number and the sum are read), each sum counts as a neuron, and finding the largest sum is a
    decision. Gradient boosting adds one number per tree. Forests average probabilities, as in
    scikit-learn: a leaf adds c - 1 of them. If leaves are stored as class indices (see
    :func:`n_bytes`), a leaf whose samples are all of one class adds one vote, and any other leaf
    needs one more index read, that of its distribution. With more than two classes the last sum
    takes c - 1 more additions.

    **Early exits.** A sample costs what is computed until it leaves; the energy is the mean over
    samples. Deciding whether a sample leaves takes, with c > 2 outputs, c comparisons, c - 1 table
    reads for exponentials, and c - 1 additions; with a single output it takes 2 comparisons. The
    mean of the probabilities at the end takes the exponentials of the last exit, and one MAC per
    output of each exit.

    Parameters
    ----------
    mac : float, default=11.8e-12
        Energy of a multiply-accumulate in joules. The defaults of this and the next two parameters
        are those of 130 nm CMOS in the SCANN paper [1]_.

    sram_access : float, default=34.6e-12
        Energy of an SRAM access in joules.

    comparison : float, default=6.16e-15
        Energy of a comparison in joules.

    accesses_per_connection : float, default=2
        Number of SRAM accesses per connection: to its weight and to its source. The paper doesn't
        give this number.

    accesses_per_neuron : float, default=1
        Number of SRAM accesses per neuron: its value is written. The paper doesn't give this
        number.

    include_index_reads : bool, default=False
        Whether reading the index that is stored with a sparse weight, or the index of the feature
        that a node of a tree compares, counts as an SRAM access. The number of these reads is
        available in any case, as ``operations(estimator).index_reads``.

    include_reduction : bool, default=True
        Whether scalers and dimensionality reduction count. In the paper they don't.

    See Also
    --------
    energy_score : Energy by the default model, as a scorer.

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
            Samples to take the mean over, for estimators with early exits. If None, the mean over
            the validation samples is used. Ignored for other estimators.

        Returns
        -------
        counts : OperationCounts
            MACs, SRAM accesses, comparisons and index reads, by the conventions of this model.

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
        """Compute the energy of given operations.

        Parameters
        ----------
        counts : OperationCounts
            Result of `operations`, or a sum of such results.

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
        """Compute the negative energy; a scorer for any scikit-learn search.

        Parameters
        ----------
        estimator : estimator
            A fitted estimator, pipeline or search, see :func:`energy_score`.

        X : object, default=None
            Samples to take the mean over, for estimators with early exits. Ignored for other
            estimators.

        y : object, default=None
            Ignored.

        sample_weight : object, default=None
            Ignored.

        Returns
        -------
        score : float
            Negative energy in joules: greater is better.
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
    """Score an estimator by the negative energy of one inference.

    This is a scorer: ``GridSearchCV(..., scoring={"energy": energy_score, ...})``. It uses
    :class:`EnergyModel` with its default parameters, and that class documents what counts.
    ``EnergyModel(...).score`` is a scorer with other constants or conventions.

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
        these. Trees and forests that classify must have a single output.

    X : object, default=None
        Samples to take the mean over, for estimators with early exits. Ignored for other
        estimators.

    y : object, default=None
        Ignored.

    sample_weight : object, default=None
        Ignored.

    Returns
    -------
    score : float
        Negative energy in joules: greater is better.

    Raises
    ------
    TypeError
        If the operations of a part of `estimator` are not known.
    NotFittedError
        If `estimator` is not fitted.

    See Also
    --------
    EnergyModel : The constants and conventions of the energy.

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
