"""Output of a process that stops after some lines, so that it can be killed right there."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import time

_SECONDS = 600  # whoever wants to kill it has done so by then


class Halting:
    """A stream that goes on with what it gets, and never returns after so many lines.

    Parameters
    ----------
    stream : file
        Where the lines go.
    n_lines : int
        How many.
    """

    def __init__(self, stream, n_lines):
        self.stream, self.n_left = stream, n_lines

    def write(self, text):
        self.stream.write(text)
        self.stream.flush()
        self.n_left -= text.count("\n")
        if self.n_left <= 0:
            time.sleep(_SECONDS)

    def flush(self):
        self.stream.flush()
