"""The only module that imports private or experimental names of scikit-learn."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from sklearn.base import _fit_context
from sklearn.callback import CallbackSupportMixin, with_callbacks
from sklearn.callback._transport import close_listener, open_listener, send
from sklearn.model_selection._search import BaseSearchCV
from sklearn.utils._optional_dependencies import check_matplotlib_support, check_rich_support
from sklearn.utils._param_validation import (
    HasMethods,
    Interval,
    StrOptions,
    validate_parameter_constraints,
)
from sklearn.utils.validation import _check_sample_weight

__all__ = [
    "BaseSearchCV",
    "CallbackSupportMixin",
    "HasMethods",
    "Interval",
    "StrOptions",
    "_check_sample_weight",
    "_fit_context",
    "check_matplotlib_support",
    "check_rich_support",
    "close_listener",
    "open_listener",
    "send",
    "validate_parameter_constraints",
    "with_callbacks",
]
