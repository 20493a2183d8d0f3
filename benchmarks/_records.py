"""Long benchmarks: a record for each finished task, appended at once; a second run goes on."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import json
from pathlib import Path
from typing import NamedTuple

from joblib import Parallel, delayed
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from benchmarks._results import RESULTS, environment


class Task(NamedTuple):
    """Work that gives one record.

    Parameters
    ----------
    key : tuple of str
        What it is about; the record begins with it.
    function : callable
        Returns a dict that JSON can hold.
    arguments : tuple
        Its arguments.
    """

    key: tuple
    function: object
    arguments: tuple


class Records:
    """A file of records, one JSON object a line, next to the environments they were made in.

    Parameters
    ----------
    name : str
        The file is ``benchmarks/results/NAME.jsonl``.
    fields : tuple of str
        Names of the parts of a key.
    folder : path-like, default=None
        Another folder than ``benchmarks/results``.
    """

    def __init__(self, name, fields, folder=None):
        self.path, self.fields = Path(folder or RESULTS) / f"{name}.jsonl", fields
        self.environments, self.found = [], {}
        text = self.path.read_text() if self.path.exists() else ""
        whole, _, torn = text.rpartition("\n")
        if torn:  # the machine stopped in the middle of a line
            self.path.write_text(whole + "\n")
        for line in whole.splitlines():
            content = json.loads(line)
            if "environment" in content:
                self.environments.append(content["environment"])
            else:
                self.found[tuple(content[field] for field in fields)] = content

    def __iter__(self):
        """Iterate over the records."""
        return iter(self.found.values())

    def __getitem__(self, key):
        """Return the record of a key."""
        return self.found[key]

    def run(self, tasks, n_jobs, title):
        """Carry out the tasks that have no record yet.

        Parameters
        ----------
        tasks : list of Task
            What to do.
        n_jobs : int
            Processes.
        title : str
            Stands before the progress bar.
        """
        todo = [task for task in tasks if task.key not in self.found]
        if not todo:
            return
        here = environment()
        if here not in self.environments:
            self.environments.append(here)
            self._append({"environment": here})
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeRemainingColumn()) as progress:
            bar = progress.add_task(title, total=len(tasks), completed=len(tasks) - len(todo))
            jobs = (delayed(_carry_out)(task) for task in todo)
            for key, content in Parallel(n_jobs, return_as="generator_unordered")(jobs):
                record = {**dict(zip(self.fields, key)), **content}
                self._append(record)
                self.found[key] = record
                progress.update(bar, advance=1)

    def _append(self, content):
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a") as file:
            file.write(json.dumps(content) + "\n")


def _carry_out(task):
    return task.key, task.function(*task.arguments)
