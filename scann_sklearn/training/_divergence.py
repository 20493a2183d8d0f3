"""Training that has left the finite numbers."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause


class DivergenceError(ValueError):
    """A network's weights, its loss or its outputs are not finite any more.

    Parameters
    ----------
    what : str
        What is not finite.
    options : TrainingOptions
        How it was trained.
    """

    def __init__(self, what, options) -> None:
        super().__init__(
            f"Training diverged: {what} no longer finite. Lower "
            f"learning_rate_init={options.learning_rate_init} or "
            f"weight_decay={options.weight_decay}, or scale the inputs "
            "(input_scaling)."
        )
