"""
Fit, select, C: the same answers
================================

From a data set to a C header, and back: the compiled code gives the classes that Python gives.
This is the whole way of a model to a microcontroller, except for the board.
"""

# %%
# Fit and select
# --------------

# sphinx_gallery_start_ignore
# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause
# sphinx_gallery_end_ignore
import shutil
import subprocess
import tempfile
from pathlib import Path

import numpy as np
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split

from scann_sklearn import SCANNClassifier

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(
    X, y, test_size=0.3, stratify=y, random_state=0
)

clf = SCANNClassifier(n_connections=300, random_state=0).fit(
    X_train, y_train
)
small = clf.select(n_connections=300)
print(
    f"{small.n_connections_} connections, test accuracy "
    f"{small.score(X_test, y_test):.1%}"
)

# %%
# C
# -
# One header, with weights of 8 bits. The training data decide the scales of the integers. The
# report says what the code needs, and predicts with the same integer arithmetic.

from scann_sklearn.export import to_c

folder = tempfile.TemporaryDirectory()
header = Path(folder.name, "digits.h")
report = to_c(small, header, dtype="int8", calibration=X_train)
print(f"{report.flash_bytes} bytes of flash, {report.ram_bytes} of RAM")
print(f"test accuracy {np.mean(report.predict(X_test) == y_test):.1%}")

# %%
# The functions that the header declares:

lines = header.read_text().splitlines()
print(
    "\n".join(
        line
        for line in lines
        if line.startswith("DIGITS_API") and line.endswith(";")
    )
)

# %%
# The same answers
# ----------------
# A program reads raw samples, quantises and classifies them, and prints the labels. One file of a
# program defines ``DIGITS_IMPLEMENTATION`` and so holds the code; the others only include the
# header. Pixels are whole numbers, so that no floating point is needed. Without ``gcc``,
# the report is used instead.

PROGRAM = """
#include <stdio.h>
#define DIGITS_IMPLEMENTATION
#include "digits.h"

int main(void) {
    int16_t x[DIGITS_N_FEATURES];
    int8_t q[DIGITS_N_FEATURES];
    for (;;) {
        for (int i = 0; i < DIGITS_N_FEATURES; i++)
            if (scanf("%hd", x + i) != 1)
                return 0;
        digits_quantize_i16(x, q);
        printf("%d\\n", (int)digits_label(digits_predict(q)));
    }
}
"""


def answers_of_c(X):
    """Classes of samples by the compiled program."""
    source, program = Path(folder.name, "main.c"), Path(folder.name, "main")
    source.write_text(PROGRAM)
    options = ["-std=c99", "-O2", "-Wall", "-Werror"]
    subprocess.run(
        ["gcc", *options, str(source), "-o", str(program)], check=True
    )
    samples = "\n".join(" ".join(map(str, row)) for row in X.astype(int))
    run = subprocess.run(
        [program], input=samples, capture_output=True, text=True, check=True
    )
    return np.array(run.stdout.split(), dtype=int)


if shutil.which("gcc"):
    answers, by = answers_of_c(X_test), "compiled with gcc"
else:
    answers, by = (
        report.predict(X_test),
        "by CReport.predict, as there is no gcc here",
    )
print(f"Classes {by}:")
print(
    f"  {np.mean(answers == report.predict(X_test)):.1%} are those of the "
    "report"
)
print(
    f"  {np.mean(answers == small.predict(X_test)):.1%} are those of the "
    "classifier in Python"
)
print(f"  {np.mean(answers == y_test):.1%} are right")

# %%
# Three number formats
# --------------------
# ``float32`` gives the classes of ``predict``. On a processor without floating point its emulation
# comes on top of these bytes. Integers cost little accuracy and much less flash.

import matplotlib.pyplot as plt

formats = ["float32", "int16", "int8"]
reports = [
    to_c(small, header, dtype=dtype, calibration=X_train)
    for dtype in formats
]
accuracies = [np.mean(r.predict(X_test) == y_test) for r in reports]
fig, ax = plt.subplots(figsize=(6, 2.6), layout="constrained")
bars = ax.barh(
    formats[::-1], [r.flash_bytes for r in reports[::-1]], color="C0"
)
ax.bar_label(bars, [f" {a:.1%} right" for a in accuracies[::-1]])
ax.set_xlabel("flash, bytes")
ax.margins(x=0.2)

# %%
# The temporary folder goes.

folder.cleanup()
