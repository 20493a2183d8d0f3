"""Small scikit-learn callbacks."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause


class Callback:
    """Counts the tasks that end, by name, and does nothing."""

    def __init__(self):
        self.ended, self.setups, self.teardowns = [], 0, 0

    def setup(self, estimator, context):
        """Count."""
        self.setups += 1

    def teardown(self, estimator, context):
        """Count."""
        self.teardowns += 1

    def on_fit_task_begin(self, estimator, context):
        """Do nothing."""

    def on_fit_task_end(self, estimator, context):
        """Remember the name of the task."""
        self.ended.append(context.task_name)


class Stop(Callback):
    """Asks to stop at the end of every task of a name, from the n-th on."""

    def __init__(self, task_name, n=1):
        super().__init__()
        self.task_name, self.n = task_name, n

    def on_fit_task_end(self, estimator, context):
        """Ask."""
        super().on_fit_task_end(estimator, context)
        return context.task_name == self.task_name and self.ended.count(self.task_name) >= self.n


class Interrupt(Callback):
    """Presses Ctrl-C at the end of the n-th epoch, as often as it is asked to."""

    def __init__(self, n, task_name="epoch"):
        super().__init__()
        self.n, self.task_name = n, task_name

    def on_fit_task_end(self, estimator, context):
        """Interrupt."""
        super().on_fit_task_end(estimator, context)
        if context.task_name == self.task_name and self.ended.count(self.task_name) == self.n:
            raise KeyboardInterrupt
