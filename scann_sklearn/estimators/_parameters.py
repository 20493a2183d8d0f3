"""What values the parameters of the estimators may have."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from numbers import Integral, Real
from os import PathLike

from scann_sklearn._constraints import Interval, TorchModule
from scann_sklearn._sklearn import HasMethods, StrOptions
from scann_sklearn.heads._value_head import VALUE_HEADS
from scann_sklearn.images._front_end import ConvFrontEnd
from scann_sklearn.synthesis._nest import SchemeNeST
from scann_sklearn.synthesis._scheme import Scheme
from scann_sklearn.synthesis._schemes import SchemeA, SchemeB, SchemeC

SCHEMES = {"A": SchemeA, "B": SchemeB, "C": SchemeC, "NeST": SchemeNeST}

# What scikit-learn checks when `fit` begins.
SHARED: dict = {
    "scheme": [StrOptions(set(SCHEMES)), Scheme],
    "hidden_layer_sizes": ["array-like", Interval(Integral, 1, None, closed="left")],
    "front_end": [ConvFrontEnd, None],
    "feature_extractor": [TorchModule(), None],
    "extractor_training": [StrOptions({"frozen", "joint"})],
    "n_connections": [
        Interval(Integral, 1, None, closed="left"),
        Interval(Real, 0, 1, closed="right"),
        StrOptions({"auto"}),
    ],
    "max_loss": [Interval(Real, 0, None, closed="left")],
    "input_scaling": [StrOptions({"standard", "robust", "range"}), None],
    "solver": [StrOptions({"adam", "adamw", "sgd"})],
    "learning_rate": [StrOptions({"cosine", "constant"})],
    "learning_rate_init": [Interval(Real, 0, None, closed="neither"), StrOptions({"auto"})],
    "weight_decay": [Interval(Real, 0, None, closed="left"), StrOptions({"auto"})],
    "momentum": [Interval(Real, 0, 1, closed="left")],
    "nesterovs_momentum": ["boolean"],
    "beta_1": [Interval(Real, 0, 1, closed="left")],
    "beta_2": [Interval(Real, 0, 1, closed="left")],
    "epsilon": [Interval(Real, 0, None, closed="neither")],
    "batch_size": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
    "shuffle": ["boolean"],
    "max_epoch_samples": [Interval(Integral, 1, None, closed="left"), None],
    "teacher_weight": [Interval(Real, 0, 1, closed="both")],
    "scoring": [str, callable],
    "validation_fraction": [Interval(Real, 0, 1, closed="neither"), StrOptions({"auto"})],
    "early_stopping": ["boolean"],
    "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
    "tol": [Interval(Real, 0, None, closed="left")],
    "warm_start": ["boolean"],
    "engine": [StrOptions({"auto", "compiled", "torch"})],
    "device": [str],
    "random_state": ["random_state"],
    "verbose": ["verbose"],
    "checkpoint": [str, PathLike, None],
}

OF_CLASSIFIER: dict = SHARED | {
    "label_smoothing": [Interval(Real, 0, 1, closed="left")],
    "teacher": [HasMethods(["fit", "predict_proba"]), None],
    "teacher_temperature": [Interval(Real, 0, None, closed="neither")],
    "class_weight": [dict, StrOptions({"balanced"}), None],
}

_NOT_AHEAD_OF_EXITS = {"front_end", "feature_extractor", "extractor_training"}
OF_EARLY_EXITS: dict = {
    **{name: kinds for name, kinds in OF_CLASSIFIER.items() if name not in _NOT_AHEAD_OF_EXITS},
    "n_exits": [Interval(Integral, 2, None, closed="left")],
    "section_ratio": [Interval(Real, 1, None, closed="neither")],
    "sections": [list, tuple, None],
    "exit_heads": [StrOptions({"auto"}), list, tuple],
    "feature_distillation": [Interval(Real, 0, None, closed="left")],
    "distillation": [Interval(Real, 0, 1, closed="both")],
    "temperature": [Interval(Real, 0, None, closed="neither")],
    "thresholds": [StrOptions({"auto"}), "array-like"],
    "exit_loss": [Interval(Real, 0, None, closed="left")],
    "target_energy": [Interval(Real, 0, None, closed="neither"), None],
}

OF_REGRESSOR: dict = SHARED | {
    "loss": [StrOptions(set(VALUE_HEADS))],
    "huber_delta": [Interval(Real, 0, None, closed="neither")],
    "teacher": [HasMethods(["fit", "predict"]), None],
}
