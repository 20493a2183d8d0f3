"""Files of fitted models as this version writes them, for later versions to load.

    python -m tests.saved.make

They go into a folder named by the version, next to those of earlier versions, which stay as they
are: nothing that is there is written again. Run it before a release, and before anything moves that
a saved file names.
"""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from pathlib import Path
from zipfile import ZIP_DEFLATED

import numpy as np
import skops.io
from sklearn.datasets import (
    load_breast_cancer,
    load_iris,
    load_wine,
    make_friedman1,
    make_multilabel_classification,
)
from sklearn.decomposition import PCA
from sklearn.frozen import FrozenEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from scann_sklearn import DimReducer, __version__, energy_score
from scann_sklearn.export import SparseModel
from scann_sklearn.model_selection import CompressionSearchCV, SmallestWithinOneSE
from scann_sklearn.reduction._methods import METHODS
from tests.classifier._helpers import short
from tests.regressor._helpers import short_regressor

FOLDER = Path(__file__).parent


def _classifiers():
    """Classifiers that differ in what they are made of; each with its data."""
    iris, wine = load_iris(return_X_y=True), load_wine(return_X_y=True)
    X, y = load_breast_cancer(return_X_y=True)
    for scheme in "ABC":
        yield f"classifier-{scheme}", short(scheme).fit(*wine), wine[0]
    single = X.astype(np.float32)
    yield "classifier-two-classes", short(n_connections=30).fit(single, y), single
    names = np.array(["setosa", "größer", 'a "quoted"'])[iris[1]]
    yield "classifier-names", short().fit(iris[0], names), iris[0]
    teacher = FrozenEstimator(LogisticRegression(max_iter=1000).fit(*iris))
    yield "classifier-teacher", short(teacher=teacher).fit(*iris), iris[0]


def _others():
    """Networks that answer something else than one class."""
    X, y = make_friedman1(200, random_state=0)
    Y = np.column_stack([y, 1e3 - X[:, 0], np.full(len(y), 2.5)])
    yield "regressor-one", short_regressor(n_connections=30, loss="huber").fit(X, y), X
    yield "regressor-three", short_regressor(n_connections=30).fit(X, Y), X
    X, Y = make_multilabel_classification(200, n_classes=3, random_state=0)
    yield "labels-three", short(n_connections=40).fit(X, Y), X


def _pipelines():
    X, y = load_wine(return_X_y=True)
    reducer = DimReducer("pca", n_components=5)
    yield "pipeline-reducer", make_pipeline(reducer, short()).fit(X, y), X
    steps = (StandardScaler(), PCA(n_components=4), short(n_connections=25))
    yield "pipeline-scikit-learn", make_pipeline(*steps).fit(X, y), X


def _searches():
    X, y = load_iris(return_X_y=True)
    pipe = Pipeline([("reduce", DimReducer(random_state=0)), ("scann", short())])
    scoring = {"accuracy": "accuracy", "energy": energy_score}
    grid = {"scann__n_connections": [10, 20]}
    grid_search = GridSearchCV(pipe, grid, scoring=scoring, refit=SmallestWithinOneSE(), cv=3)
    yield "search-grid", grid_search.fit(X, y), X
    compression = CompressionSearchCV(pipe, methods=["pca", "sparse_rp"], ratios=[1, 2], cv=3)
    yield "search-compression", compression.fit(X, y), X


def _reducers():
    X, _ = load_wine(return_X_y=True)
    for method in METHODS:
        parameters = {} if method == "passthrough" else {"n_components": 3, "n_landmarks": 40}
        reducer = DimReducer(method, random_state=0, **parameters)
        yield f"reducer-{method}", reducer.fit(X), X


def result(model, X):
    """What a model makes of samples: probabilities, values, or reduced features."""
    methods = ("predict_proba", "predict", "transform")
    return getattr(model, next(method for method in methods if hasattr(model, method)))(X)


def main():
    folder = FOLDER / __version__
    folder.mkdir(exist_ok=True)
    for make in (_classifiers, _others, _pipelines, _searches, _reducers):
        for name, model, X in make():
            if (folder / f"{name}.skops").exists():
                continue
            skops.io.dump(model, folder / f"{name}.skops", compression=ZIP_DEFLATED)
            if make is not _reducers:
                SparseModel.from_estimator(model).save(folder / f"{name}.npz")
            if hasattr(model, "path_"):
                skops.io.dump(model.path_, folder / f"{name}.path.skops", compression=ZIP_DEFLATED)
            X = X[::5]
            np.savez_compressed(folder / f"{name}.expected", X=X, result=result(model, X))


if __name__ == "__main__":
    main()
