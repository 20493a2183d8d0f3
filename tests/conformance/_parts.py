"""The matrix: estimators, and the parts of other libraries that take them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from scipy.stats import randint
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import (
    AdaBoostClassifier,
    AdaBoostRegressor,
    BaggingClassifier,
    BaggingRegressor,
    StackingClassifier,
    StackingRegressor,
    VotingClassifier,
    VotingRegressor,
)
from sklearn.experimental import enable_halving_search_cv  # noqa: F401
from sklearn.linear_model import LinearRegression
from sklearn.model_selection import (
    FixedThresholdClassifier,
    HalvingRandomSearchCV,
    RandomizedSearchCV,
    TunedThresholdClassifierCV,
)
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.multioutput import (
    ClassifierChain,
    MultiOutputClassifier,
    MultiOutputRegressor,
    RegressorChain,
)
from sklearn.naive_bayes import GaussianNB

from tests.classifier._helpers import short
from tests.early_exit._helpers import short as short_exits
from tests.regressor._helpers import short_regressor

ESTIMATORS = {
    "SCANNClassifier": short,
    "EarlyExitClassifier": lambda: short_exits(n_connections=120),
    "SCANNRegressor": lambda: short_regressor(n_connections=60, validation_fraction=0.2),
}
CLASSIFIERS = ["SCANNClassifier", "EarlyExitClassifier"]
_BOUNDS = {"n_connections": randint(60, 120)}


def _halving(one):
    return HalvingRandomSearchCV(
        one, _BOUNDS, n_candidates=3, min_resources=60, cv=3, random_state=0, error_score="raise"
    )


def _randomized(one):
    return RandomizedSearchCV(one, _BOUNDS, n_iter=2, cv=2, random_state=0, error_score="raise")


OF_CLASSIFIERS = {
    "CalibratedClassifierCV": lambda one: CalibratedClassifierCV(one, cv=2),
    "CalibratedClassifierCV, isotonic": lambda one: CalibratedClassifierCV(
        one, method="isotonic", cv=2
    ),
    "CalibratedClassifierCV, temperature": (
        lambda one: CalibratedClassifierCV(one, method="temperature", cv=2, ensemble=False)
    ),
    "VotingClassifier": (
        lambda one: VotingClassifier([("a", one), ("b", GaussianNB())], voting="soft")
    ),
    "StackingClassifier": (lambda one: StackingClassifier([("a", one), ("b", GaussianNB())], cv=2)),
    "BaggingClassifier": lambda one: BaggingClassifier(one, 2, max_features=0.8, random_state=0),
    "AdaBoostClassifier": lambda one: AdaBoostClassifier(one, n_estimators=2, random_state=0),
    "OneVsRestClassifier": OneVsRestClassifier,
    "OneVsOneClassifier": OneVsOneClassifier,
    "OutputCodeClassifier": lambda one: OutputCodeClassifier(one, random_state=0),
    "RandomizedSearchCV": _randomized,
    "HalvingRandomSearchCV": _halving,
}
OF_TWO_CLASSES = {
    "TunedThresholdClassifierCV": lambda one: TunedThresholdClassifierCV(one, cv=2),
    "FixedThresholdClassifier": lambda one: FixedThresholdClassifier(one, threshold=0.3),
}
OF_SEVERAL_CLASSIFICATIONS = {
    "MultiOutputClassifier": MultiOutputClassifier,
    "ClassifierChain": ClassifierChain,
}
OF_REGRESSORS = {
    "VotingRegressor": lambda one: VotingRegressor([("a", one), ("b", LinearRegression())]),
    "StackingRegressor": (
        lambda one: StackingRegressor([("a", one), ("b", LinearRegression())], cv=2)
    ),
    "BaggingRegressor": lambda one: BaggingRegressor(one, 2, random_state=0),
    "AdaBoostRegressor": lambda one: AdaBoostRegressor(one, n_estimators=2, random_state=0),
    "TransformedTargetRegressor": TransformedTargetRegressor,
    "RandomizedSearchCV": _randomized,
    "HalvingRandomSearchCV": _halving,
}
OF_SEVERAL_REGRESSIONS = {
    "MultiOutputRegressor": MultiOutputRegressor,
    "RegressorChain": RegressorChain,
}
# Functions and other libraries: each has a test of its own.
AROUND_ALL = ("permutation_importance", "metadata routing", "Optuna", "SHAP")
AROUND_CLASSIFIERS = ("imbalanced-learn: SMOTE in a pipeline, BalancedBaggingClassifier",)
