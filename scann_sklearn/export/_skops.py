"""What skops has to trust."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from scann_sklearn._aliases import old_names

# Under the names that they have now; files that were written before may name older ones.
_NAMES = [
    "scann_sklearn.callbacks._progress.SynthesisProgress",
    "scann_sklearn.callbacks._time_budget.TimeBudget",
    "scann_sklearn.estimators._classifier.SCANNClassifier",
    "scann_sklearn.estimators._early_exit.EarlyExitClassifier",
    "scann_sklearn.estimators._path.PathPoint",
    "scann_sklearn.estimators._regressor.SCANNRegressor",
    "scann_sklearn.estimators._thresholds.ExitPoint",
    "scann_sklearn.images._distortion.AffineDistortion",
    "scann_sklearn.images._front_end.ConvFrontEnd",
    "scann_sklearn.images._layers.AvgPool2d",
    "scann_sklearn.images._layers.Conv2d",
    "scann_sklearn.images._layers.MaxPool2d",
    "scann_sklearn.metrics._energy.energy_score",
    "scann_sklearn.model_selection._predictor.BoostedEnsemble",
    "scann_sklearn.model_selection._refit.SmallestWithinOneSE",
    "scann_sklearn.model_selection._search.CompressionSearchCV",
    "scann_sklearn.model_selection._steerage.STEERAGESearchCV",
    "scann_sklearn.model_selection._trials.Journal",
    "scann_sklearn.model_selection._trials.Trial",
    "scann_sklearn.network._trained_front.TrainedFront",
    "scann_sklearn.reduction._dim_reducer.DimReducer",
    "scann_sklearn.reduction._spectral.LandmarkIsomap",
    "scann_sklearn.reduction._spectral.LandmarkSpectralEmbedding",
    "scann_sklearn.synthesis._nest.SchemeNeST",
    "scann_sklearn.synthesis._schemes.SchemeA",
    "scann_sklearn.synthesis._schemes.SchemeB",
    "scann_sklearn.synthesis._schemes.SchemeC",
    "scipy.sparse._csr.csr_array",
    "scipy.sparse._csr.csr_matrix",
]


def skops_trusted_types() -> list[str]:
    """List the types that skops must trust to load estimators of this library.

    These are the estimators, searches and callbacks of this library with their parts, a scorer, and
    two containers of sparse matrices of SciPy. None of them executes anything when it is loaded.

    Returns
    -------
    names : list of str
        Names of the types, for ``skops.io.load(path, trusted=skops_trusted_types())``.

    See Also
    --------
    SparseModel : Models in a file format of their own, which only needs NumPy.

    Examples
    --------
    >>> from sklearn.datasets import load_iris
    >>> from scann_sklearn import SCANNClassifier
    >>> from scann_sklearn.export import skops_trusted_types
    >>> import skops.io
    >>> X, y = load_iris(return_X_y=True)
    >>> clf = SCANNClassifier(n_connections=20, random_state=0).fit(X, y)
    >>> loaded = skops.io.loads(
    ...     skops.io.dumps(clf), trusted=skops_trusted_types()
    ... )
    >>> bool((loaded.predict(X) == clf.predict(X)).all())
    True
    """
    return sorted([*_NAMES, *old_names(_NAMES)])
