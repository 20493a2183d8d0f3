"""Long benchmarks: a record for each finished task, appended at once; a second run goes on."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import NamedTuple

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sklearn.utils.parallel import delayed

from benchmarks._results import RESULTS, environment
from scann_sklearn._parallel import ParallelAsEnded


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
    sha256 : str, default=None
        Of the data, see `benchmarks._data.digest`. A record of other data is not this task's.
    """

    key: tuple
    function: object
    arguments: tuple
    sha256: str | None = None


class Records:
    """A file of records, one JSON object a line, next to the environments they were made in.

    A record says by ``sha256`` which data it is of, and by ``made_in`` in which environment
    (processor, versions, commit) it was made. Reading never changes the file.

    Parameters
    ----------
    name : str
        The file is ``NAME.jsonl``.
    fields : tuple of str
        Names of the parts of a key.
    folder : path-like, default=None
        Where the file is. None: ``benchmarks/results``.

    Raises
    ------
    ValueError
        If a line of the file is damaged; one that was torn off at the end is left out.
    """

    def __init__(self, name, fields, folder=None):
        self.path, self.fields = Path(folder or RESULTS) / f"{name}.jsonl", fields
        self.environments, self.found = {}, {}
        text = self.path.read_text() if self.path.exists() else ""
        for number, line in enumerate(text.split("\n")[:-1], 1):
            try:
                content = json.loads(line)
                if "environment" in content:
                    self.environments[content["environment"].get("id")] = content["environment"]
                else:
                    self.found[tuple(content[field] for field in fields)] = content
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(f"{self.path}, line {number}, is no record: {error!r}") from error

    def __iter__(self):
        """Iterate over the records."""
        return iter(self.found.values())

    def __getitem__(self, key):
        """Return the record of a key."""
        return self.found[key]

    def check(self, name, sha256):
        """Refuse to mix: a file holds one version of each data set.

        Parameters
        ----------
        name : str
            Data set, the first part of a key.
        sha256 : str
            Of the data that are to be used.

        Raises
        ------
        ValueError
            If there are records of other data.
        """
        others = {r.get("sha256") for key, r in self.found.items() if key[0] == name} - {sha256}
        if others:
            raise ValueError(
                f"{self.path} has records of other data (sha256 {others.pop()}, these are "
                f"{sha256}): give the same file by --file, or another folder by --into"
            )

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
        for name, sha256 in dict.fromkeys((task.key[0], task.sha256) for task in tasks):
            self.check(name, sha256)
        todo = [task for task in tasks if task.key not in self.found]
        if not todo:
            return
        here = environment()
        here = {"id": hashlib.sha256(json.dumps(here).encode()).hexdigest()[:8], **here}
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*columns, TimeRemainingColumn()) as progress:
            bar = progress.add_task(title, total=len(tasks), completed=len(tasks) - len(todo))
            jobs = (delayed(_carry_out)(task) for task in todo)
            for task, content in ParallelAsEnded(n_jobs)(jobs):
                facts = {"sha256": task.sha256, "made_in": here["id"]}
                self._keep({**dict(zip(self.fields, task.key)), **facts, **content}, here)
                progress.update(bar, advance=1)

    def _keep(self, record, here):
        lines = [record]
        if here["id"] not in self.environments:  # not before something was finished in it
            lines.insert(0, {"environment": here})
        self._append("".join(json.dumps(line) + "\n" for line in lines).encode())
        self.environments[here["id"]] = here
        self.found[tuple(record[field] for field in self.fields)] = record

    def _append(self, lines):
        """Append whole lines; what a write that failed has left of one is cut off."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.open("a+b", buffering=0) as file:
            file.seek(0)
            end = file.read().rfind(b"\n") + 1
            file.truncate(end)
            try:
                while lines:
                    lines = lines[file.write(lines) :]
                os.fsync(file.fileno())
            except BaseException:
                file.truncate(end)
                raise


def _carry_out(task):
    return task, task.function(*task.arguments)
