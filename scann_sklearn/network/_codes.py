"""Integers that tell the compiled code what to compute; no numba, so that anyone can read them."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

# Losses, and what makes probabilities of outputs.
LOGISTIC, SOFTMAX, BERNOULLI, SQUARED, ABSOLUTE, HUBER, EXITS = range(7)
# Outputs as they are.
IDENTITY = -1

# Optimizers.
ADAM, ADAMW, SGD = 0, 1, 2

# Where each number is in the array that the training takes. A last place behind them is free: a
# number that is written there and read again has the dtype of the data.
LEARNING_RATE, WEIGHT_DECAY, BETA_1, BETA_2, EPSILON, MOMENTUM, NESTEROV = range(7)
SMOOTHING, DELTA, N_EXITS, DISTILLATION, TEMPERATURE = range(7, 12)  # of losses
N_NUMBERS = 13
