"""The only module that imports private or experimental names of scikit-learn."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from sklearn.base import _fit_context
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.callback._transport import close_listener, open_listener, send
from sklearn.model_selection._search import BaseSearchCV
from sklearn.model_selection._validation import (
    _fit_and_score,
    _insert_error_scores,
    _warn_or_raise_about_fit_failures,
)
from sklearn.utils._optional_dependencies import check_matplotlib_support, check_rich_support
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.validation import _check_method_params, _check_sample_weight

__all__ = [
    "BaseSearchCV",
    "CallbackSupportMixin",
    "HasMethods",
    "Interval",
    "StrOptions",
    "_check_method_params",
    "_check_sample_weight",
    "_fit_and_score",
    "_fit_context",
    "_insert_error_scores",
    "_warn_or_raise_about_fit_failures",
    "check_matplotlib_support",
    "check_rich_support",
    "close_listener",
    "open_listener",
    "send",
    "validate_parameter_constraints",
    "with_callbacks",
]
