"""imbalanced-learn, Optuna and SHAP around our estimators."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import warnings

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_wine, make_classification, make_friedman1
from sklearn.metrics import balanced_accuracy_score
from sklearn.model_selection import cross_val_score

from tests._optional import need
from tests.conformance._parts import CLASSIFIERS, ESTIMATORS

VALUES = make_friedman1(200, random_state=0)


@pytest.mark.parametrize("estimator", CLASSIFIERS)
def test_imbalanced_learn(estimator):
    need("imbalanced-learn")
    from imblearn.ensemble import BalancedBaggingClassifier
    from imblearn.over_sampling import SMOTE
    from imblearn.pipeline import make_pipeline

    X, y = make_classification(400, 6, weights=[0.93], class_sep=1.5, random_state=0)
    models = {
        "sampled": make_pipeline(SMOTE(random_state=0), ESTIMATORS[estimator]()),
        "bagged": BalancedBaggingClassifier(ESTIMATORS[estimator](), 2, random_state=0),
    }
    for name, model in models.items():
        found = balanced_accuracy_score(y, model.fit(X, y).predict(X))
        assert found > 0.75, name
    assert models["sampled"][-1].classes_.tolist() == [0, 1]


@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_optuna(estimator):
    need("optuna")
    import optuna

    X, y = VALUES if estimator == "SCANNRegressor" else load_wine(return_X_y=True)

    def objective(trial):
        bound = trial.suggest_int("n_connections", 60, 120)
        rate = trial.suggest_float("learning_rate_init", 0.01, 0.05, log=True)
        one = ESTIMATORS[estimator]().set_params(n_connections=bound, learning_rate_init=rate)
        return cross_val_score(one, X, y, cv=2, error_score="raise").mean()

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(objective, n_trials=3)
    assert study.best_value == max(trial.value for trial in study.trials)
    assert study.best_value > 0.3


@pytest.mark.slow  # importing it and compiling its kernels takes longer than everything else
@pytest.mark.parametrize("estimator", ESTIMATORS)
def test_shap(estimator):
    """Contributions and the expected value sum to the prediction; unread features have none."""
    need("shap")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import shap

    is_regression = estimator == "SCANNRegressor"
    X, y = VALUES if is_regression else load_breast_cancer(return_X_y=True)
    X = X[:, :8]
    fitted = ESTIMATORS[estimator]().set_params(n_connections=30).fit(X, y)
    predict = fitted.predict if is_regression else lambda X: fitted.predict_proba(X)[:, 1]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        explainer = shap.ExactExplainer(predict, shap.maskers.Independent(X[:20]))
        found = explainer(X[:3])
    total = found.values.sum(axis=1) + found.base_values
    np.testing.assert_allclose(total, predict(X[:3]), atol=1e-6)
    np.testing.assert_allclose(found.values[:, ~fitted.get_support()], 0, atol=1e-9)
