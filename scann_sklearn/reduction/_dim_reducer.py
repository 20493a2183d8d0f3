"""Dimensionality reduction, the first step of DR+SCANN."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import math
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from scipy.sparse import csr_array, issparse
from sklearn.base import (
    BaseEstimator,
    ClassNamePrefixFeaturesOutMixin,
    OneToOneFeatureMixin,
    TransformerMixin,
)
from sklearn.utils import Tags, check_random_state, gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data

from scann_sklearn._arrays import canonical, check_numbers
from scann_sklearn._constraints import Interval
from scann_sklearn._doc_links import DocLinkMixin
from scann_sklearn._sklearn import CallbackSupportMixin, StrOptions, _fit_context
from scann_sklearn.model._stages import OffersStages, Stage
from scann_sklearn.network._row_samples import empty
from scann_sklearn.reduction._components import count_components
from scann_sklearn.reduction._landmarks import choose_landmarks
from scann_sklearn.reduction._methods import FOR_SPARSE, METHODS, check_sparse
from scann_sklearn.reduction._moments import count_again, is_large, rows_of_moments
from scann_sklearn.reduction._stages import reducer_stages
from scann_sklearn.reduction._units import Units, find_units

_ROWS = 2**14  # transformed at a time, so that a copy in float64 stays small
_FARTHEST = 1e150  # of a point to be embedded, in units of the data: distances are squared


class DimReducer(
    ClassNamePrefixFeaturesOutMixin,
    TransformerMixin,
    OffersStages,
    CallbackSupportMixin,
    DocLinkMixin,
    BaseEstimator,
):
    r"""Range normalisation followed by one of nine dimensionality reductions.

    This is the DR step of DR+SCANN [1]_: a network on fewer inputs, with hidden layers that are
    smaller in the same ratio, needs far fewer connections.

    ====================== ====== ==============================================================
    `method`               affine reduced features of the normalised z (k = `n_components_`)
    ====================== ====== ==============================================================
    "pca"                  yes    projections on the k leading principal components
    "factor_analysis"      yes    expected values of k factors, given z
    "ica"                  yes    k independent components by FastICA [2]_
    "isomap"               no     classical scaling of geodesic distances [3]_, [4]_
    "spectral_embedding"   no     eigenvectors of a graph Laplacian, Nyström's extension [5]_
    "gaussian_rp"          yes    R z, entries of R from N(0, 1/k)
    "unit_gaussian_rp"     yes    R z, entries of R from N(0, 1)
    "achlioptas_rp"        yes    R z, entries of R from {-1, +1}, 1/2 each [6]_
    "sparse_rp"            yes    R z, entries of R from √3 · {-1, 0, +1}: 1/6, 2/3, 1/6 [6]_
    "passthrough"          yes    z itself: all features, ignoring `ratio` and `n_components`
    ====================== ====== ==============================================================

    Parameters
    ----------
    method : str, default="pca"
        Method of reduction, one of the table above.

    ratio : float, default=None
        Compression ratio, at least 1: ``n_components_ = floor(n_features_in_ / ratio)``.

    n_components : int, default=None
        Number of reduced features. At most one of `ratio` and `n_components` can be given. If
        neither is, the ratio is 1, with at most as many components as samples (and landmarks).

    normalize : bool, default=True
        Whether to map every feature to [0, 1] first, by its minimum and maximum in the training
        data. Features that are constant in the training data become 0 in all data.

    n_landmarks : int, default=1000
        Maximum number of training rows that "isomap" and "spectral_embedding" embed; if there are
        more distinct rows, that many are drawn at random. All other rows, in training too, are
        placed by their distances to these landmarks. Memory grows with the square of this number,
        and time with its cube.

    random_state : int, RandomState instance or None, default=None
        Determines the random projections, the start of FastICA and the choice of landmarks. Pass
        an int for reproducible results across calls. If None, every fit is different, and numpy's
        global random state is neither read nor changed.

    Attributes
    ----------
    n_components_ : int
        Number of reduced features.

    ratio_ : float
        Achieved compression ratio, ``n_features_in_ / n_components_``.

    is_affine_ : bool
        Whether the whole map, including the normalisation, is affine. See :meth:`to_affine`.

    n_landmarks_ : int or None
        Number of landmarks of "isomap" and "spectral_embedding". None for other methods.

    reducer_ : estimator or None
        The underlying estimator, fitted on data in internal units: scikit-learn's
        :class:`~sklearn.decomposition.PCA`, :class:`~sklearn.decomposition.FactorAnalysis`,
        :class:`~sklearn.decomposition.FastICA` or random projection, or an embedding of landmarks.
        None for "passthrough".

    n_features_in_ : int
        Number of features seen during `fit`.

    feature_names_in_ : ndarray of shape (`n_features_in_`,)
        Names of the features seen during `fit`. Defined only if all feature names of `X` are
        strings.

    See Also
    --------
    SCANNClassifier : The classifier that synthesises its own network.
    sklearn.decomposition.PCA : Principal component analysis alone.
    sklearn.random_projection : Random projections alone.

    Notes
    -----
    **Scales.** Principal components differ in scale by orders of magnitude, which harms a network
    that is pruned by the size of its weights. Equal scales are no better, since they amplify the
    noise in weak components. Therefore ratios of standard deviations are replaced by their square
    roots, with a minimum of 1/10. On the training data, PCA and factor analysis give features with
    standard deviations between 0.1 and 1, and ICA gives 1 (0.1 for principal components that it
    leaves as they are). Isomap and spectral embedding give 1 on the landmarks. A classifier that
    standardises its inputs undoes this. Projections keep the scale of their definition, which is
    the same for all components.

    **Degenerate data.** Data of rank r have r principal, independent or factor components; further
    components are 0. The same holds for factors that explain nothing and for embeddings of few
    rows.

    **Sparse data.** PCA and the random projections accept a sparse X and never make it dense. PCA
    computes the covariances of up to 1000 features, and iterates (ARPACK) for more.

    **Large data.** PCA and factor analysis of more than 33 million values, with up to 4096
    features, find mean and covariances in two passes over blocks of rows, and the random
    projections and "passthrough" look at minimum and maximum only. So X may be memory-mapped (see
    :func:`~scann_sklearn.datasets.to_memmap`) and larger than memory. `transform` works in blocks
    too; what it makes of a memory-mapped X is in a temporary file where it is larger than 512 MiB.
    ICA and the embeddings take all of X into memory.

    **Convergence.** A :class:`~sklearn.exceptions.ConvergenceWarning` is issued if FastICA (500
    iterations) or factor analysis (1000) stopped early; the result is usable. FastICA finds its
    rotation on at most 10 000 rows drawn at random, among the principal components with at least
    1 % of the standard deviation of the first; weaker ones stay as they are. Factor analysis
    maximises the likelihood of the correlations, so that its time doesn't depend on the number of
    rows.

    **Embeddings.** Isomap uses 5 neighbours. If their graph is not connected, the shortest edge
    between every two components joins them, without a warning. Spectral embedding uses a kernel
    whose width follows the distance to the 30th neighbour, and doesn't need a connected graph.

    References
    ----------
    .. [1] S. Hassantabar, Z. Wang, N. K. Jha, "SCANN: Synthesis of Compact and Accurate Neural
       Networks", IEEE Transactions on Computer-Aided Design of Integrated Circuits and Systems,
       2022, https://arxiv.org/abs/1904.09090
    .. [2] A. Hyvärinen, E. Oja, "Independent Component Analysis: Algorithms and Applications",
       Neural Networks 13, 2000.
    .. [3] J. B. Tenenbaum, V. de Silva, J. C. Langford, "A Global Geometric Framework for Nonlinear
       Dimensionality Reduction", Science 290, 2000.
    .. [4] V. de Silva, J. B. Tenenbaum, "Global Versus Local Methods in Nonlinear Dimensionality
       Reduction", NIPS 2002.
    .. [5] Y. Bengio, J.-F. Paiement, P. Vincent, O. Delalleau, N. Le Roux, M. Ouimet,
       "Out-of-Sample Extensions for LLE, Isomap, MDS, Eigenmaps, and Spectral Clustering",
       NIPS 2003.
    .. [6] D. Achlioptas, "Database-friendly Random Projections: Johnson-Lindenstrauss with Binary
       Coins", Journal of Computer and System Sciences 66, 2003.

    Examples
    --------
    >>> from sklearn.datasets import load_digits
    >>> from scann_sklearn import DimReducer
    >>> X, y = load_digits(return_X_y=True)
    >>> reducer = DimReducer("pca", ratio=4).fit(X)
    >>> reducer.transform(X).shape
    (1797, 16)
    >>> matrix, offset = reducer.to_affine()
    >>> bool(abs(X @ matrix.T + offset - reducer.transform(X)).max() < 1e-9)
    True
    """

    _parameter_constraints: dict = {
        "method": [StrOptions(set(METHODS))],
        "ratio": [Interval(Real, 1, None, closed="left"), None],
        "n_components": [Interval(Integral, 1, None, closed="left"), None],
        "normalize": ["boolean"],
        "n_landmarks": [Interval(Integral, 2, None, closed="left")],
        "random_state": ["random_state"],
    }

    def __init__(
        self,
        method="pca",
        *,
        ratio=None,
        n_components=None,
        normalize=True,
        n_landmarks=1000,
        random_state=None,
    ) -> None:
        self.method = method
        self.ratio = ratio
        self.n_components = n_components
        self.normalize = normalize
        self.n_landmarks = n_landmarks
        self.random_state = random_state

    @_fit_context(prefer_skip_nested_validation=True)
    def fit(self, X, y=None) -> Self:
        """Fit the normalisation and the reduction.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Training data, with at least two rows. A sparse X is supported by "pca" and the random
            projections.

        y : None
            Ignored.

        Returns
        -------
        self : object
            The fitted reducer.

        Raises
        ------
        ValueError
            If `ratio` or `n_components` leaves no component, or asks for more components than
            there are features, samples or landmarks. If the range of a feature is beyond the
            largest float.
        TypeError
            If X holds dates or times, or is sparse and the method would have to make it dense.
        """
        check_numbers(X=X)
        check_sparse(self.method, X)
        with np.errstate(invalid="ignore"):  # its sum of values near the largest float
            X = validate_data(
                self,
                X,
                accept_sparse="csr",
                dtype=[np.float64, np.float32],
                ensure_min_samples=2,
            )
        X = canonical(X)
        context = self._init_callback_context()
        context.call_on_fit_task_begin(estimator=self, X=X, y=y)
        # check_random_state(None) would be numpy's global stream.
        seeded = self.random_state is not None
        rng = check_random_state(self.random_state) if seeded else np.random.RandomState()

        method = METHODS[self.method]
        self.n_components_ = count_components(
            method,
            *X.shape,
            ratio=self.ratio,
            n_components=self.n_components,
            n_landmarks=self.n_landmarks,
        )
        self.ratio_ = X.shape[1] / self.n_components_
        self.is_affine_ = method.is_affine
        units = Units.OWN if self.normalize else method.units
        self._center, self._scale = find_units(X, units)
        if self.is_affine_:
            self.n_landmarks_ = None
            self.reducer_, matrix, mean = self._fit_affine(X, method, rng)
            self._matrix = matrix * self._scale
            inverse = np.divide(1, self._scale, where=self._scale > 0, out=np.zeros_like(mean))
            self._center = self._center + mean * inverse
        else:
            landmarks = choose_landmarks(self._in_units(X), self.n_landmarks, rng)
            self.n_landmarks_ = len(landmarks)
            self.reducer_, self._output_scale = method.fit(landmarks, self.n_components_, rng)
        context.call_on_fit_task_end(estimator=self, X=X, y=y, reconstruction_attributes={})
        return self

    def _fit_affine(self, X, method, rng) -> tuple[Any, np.ndarray, np.ndarray]:
        """Fit an affine method to as little of the data as it sees."""
        n_components = self.n_components_
        if issparse(X) and method.fit_sparse is not None:
            origin = self._center * self._scale
            return method.fit_sparse(self._in_units(X), origin, n_components, rng)
        if not method.sees_rows:
            return method.fit(np.zeros((1, X.shape[1])), n_components, rng)
        if method.fit_moments is None or not is_large(X):
            return method.fit(self._in_units(X), n_components, rng)
        Z = rows_of_moments(X, self._center, self._scale)
        fitted = method.fit_moments(Z, n_components, rng)
        count_again(fitted[0], X.shape[0])
        return fitted

    def transform(self, X) -> np.ndarray:
        """Reduce X.

        Parameters
        ----------
        X : {array-like, sparse matrix} of shape (n_samples, n_features)
            Data with the features of the training data. Values outside of the range of the
            training data are not clipped.

        Returns
        -------
        X_new : ndarray of shape (n_samples, `n_components_`)
            Reduced data, of dtype float32 if X is, otherwise float64.

        Raises
        ------
        ValueError
            If values of X are so large that the reduced data exceed the range of the dtype.
        TypeError
            If X holds dates or times, or is sparse and the method would have to make it dense.
        """
        check_is_fitted(self)
        check_numbers(X=X)
        check_sparse(self.method, X)
        with np.errstate(over="ignore", invalid="ignore"):  # looked at below
            X = validate_data(
                self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False
            )
            X_new = empty((X.shape[0], self.n_components_), X.dtype, X)
            for rows in gen_batches(len(X_new), _ROWS):
                X_new[rows] = self._reduce(X[rows])
            if math.isfinite(np.add.reduce(X_new, axis=None)) or np.isfinite(X_new).all():
                return X_new
        raise self._beyond(X)

    def _beyond(self, X) -> ValueError:
        return ValueError(
            f"DimReducer(method={self.method!r}) can't reduce X within {X.dtype}: the largest "
            f"absolute value is {abs(X).max():.3g}. Scale X."
        )

    def _in_units(self, X) -> Any:
        """Training data in internal units; of a sparse X the origin stays where it is."""
        if issparse(X):
            data = X.data * self._scale[X.indices]
            return csr_array((data, X.indices, X.indptr), shape=X.shape)
        return (X - self._center) * self._scale

    def _reduce(self, X) -> np.ndarray:
        if issparse(X):
            return X.astype(np.float64) @ self._matrix.T - self._matrix @ self._center
        if self.is_affine_:
            return (X - self._center) @ self._matrix.T
        Z = (X - self._center) * self._scale
        if not np.abs(Z).max(initial=0) < _FARTHEST:
            raise self._beyond(X)
        return self.reducer_.transform(Z) * self._output_scale

    def to_affine(self) -> tuple[np.ndarray, np.ndarray]:
        """Convert the whole map to one matrix and one offset.

        They combine normalisation, reduction and scaling, for exporters and energy models:
        ``transform(X)`` is ``X @ matrix.T + offset`` up to rounding.

        Returns
        -------
        matrix : ndarray of shape (`n_components_`, `n_features_in_`), float64
            One row per reduced feature.

        offset : ndarray of shape (`n_components_`,), float64
            Offset of each reduced feature.

        Raises
        ------
        ValueError
            If the method is not affine (``is_affine_`` is False).
        """
        check_is_fitted(self)
        if not self.is_affine_:
            raise ValueError(
                f"method={self.method!r} is not an affine map, so that it has no "
                "matrix: check is_affine_ first."
            )
        return self._matrix.copy(), -self._matrix @ self._center

    def get_feature_names_out(self, input_features=None) -> np.ndarray:
        """Get the names of the reduced features.

        Parameters
        ----------
        input_features : array-like of str or None, default=None
            Names of the input features. Only used by "passthrough", which keeps them.

        Returns
        -------
        feature_names_out : ndarray of str
            "dimreducer0", "dimreducer1" and so on, or the input names for "passthrough".
        """
        check_is_fitted(self)
        if METHODS[self.method].is_diagonal:
            return OneToOneFeatureMixin.get_feature_names_out(self, input_features)
        return super().get_feature_names_out(input_features)

    def _inference_stages(self) -> list[Stage]:
        check_is_fitted(self, "reducer_")
        return reducer_stages(self)

    @property
    def _n_features_out(self) -> int:
        return self.n_components_

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self.method in FOR_SPARSE
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags
