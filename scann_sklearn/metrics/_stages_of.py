"""What an estimator does for one inference: ours say it themselves."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from functools import singledispatch
from typing import Any

from scann_sklearn.model._model import HoldsModel, Model, model_of
from scann_sklearn.model._stages import OffersStages, Stage, merge_scalings
from scann_sklearn.model._steps import steps_of


def inference_stages(
    estimator: object, *, include_reduction: bool = True, X: Any = None
) -> list[Stage]:
    """List what `estimator` does for one inference, scalings merged where they can be.

    With early exits the mean over the samples of X, or over those of the validation.
    """
    *steps, last = steps_of(estimator)
    stages = _stages_of_samples(steps, last, X) or stages_of(last)
    if steps:
        # imported where there are some, as they bring in much of scikit-learn
        from scann_sklearn.metrics._preparation import stages_ahead

        follows = isinstance(last, HoldsModel) and last._reads_features
        reads = model_of(last).reads if follows else None
        stages = stages_ahead(steps, reads)[0] + stages
    stages = merge_scalings(stages)
    return [stage for stage in stages if include_reduction or not stage.reduction]


def _stages_of_samples(steps, last, X) -> list[Stage]:
    """Stages of an estimator that does not the same for all samples; empty for all others."""
    decides = type(last)._stages_of_samples if isinstance(last, OffersStages) else None
    if X is None or decides is None or decides is OffersStages._stages_of_samples:
        return []
    for step in steps:
        X = step.transform(X)
    return decides(last, X)


@singledispatch
def stages_of(estimator: object) -> list[Stage]:
    """List what a fitted estimator does for one inference, nothing merged yet."""
    # imported when one comes: forests and their relatives take long
    from scann_sklearn.metrics._scikit_learn import scikit_learn_stages

    return scikit_learn_stages(estimator)


@stages_of.register
def _(estimator: Model) -> list[Stage]:
    return estimator.stages()


@stages_of.register
def _(estimator: OffersStages) -> list[Stage]:
    return estimator._inference_stages()
