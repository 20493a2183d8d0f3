"""The lines on the screen: one display a process, since a screen has room for one."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

from __future__ import annotations

from dataclasses import dataclass
from multiprocessing import current_process
from threading import RLock
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.progress import Progress


_WIDTH_OF_FILES = 100  # nothing is cut in them


@dataclass(frozen=True)
class Message:
    """What happens to a line.

    Parameters
    ----------
    event : {"begin", "update", "advance", "end"}
        What happens; "advance": one more of its parts is done.
    key : tuple
        Which line: see `key_of`.
    name : str, default=None
        What the line begins with. None: as before.
    text : str, default=None
        What it ends with. None: as before.
    completed, total : float, default=None
        What of how much is done. None: as before, unknown at first.
    stays : bool, default=True
        Whether it is still shown after its end.
    """

    event: str
    key: tuple
    name: str | None = None
    text: str | None = None
    completed: float | None = None
    total: float | None = None
    stays: bool = True


class Display:
    """Shows lines while there are fits that have opened it."""

    def __init__(self) -> None:
        self._lock = RLock()  # fits may run in threads, and messages come in threads
        self._fits: set = set()
        self._lines: dict[tuple, Any] = {}  # rich's numbers of the lines that go on
        self._progress: Any = None

    def open(self, fit) -> None:
        """Show what belongs to an outermost fit."""
        with self._lock:
            if not self._fits:
                self._progress = _new_progress()
                self._progress.start()
            self._fits.add(fit)

    def close(self, fit) -> None:
        """Leave the lines of an outermost fit as they are; the last one ends the display."""
        with self._lock:
            for key in [key for key in self._lines if key[0] == fit]:
                self._progress.stop_task(self._lines.pop(key))
            self._fits.discard(fit)
            if not self._fits:
                self._progress.stop()

    def receive(self, message: Message) -> None:
        """Change a line."""
        with self._lock:
            if message.key[0] not in self._fits:
                return  # a straggler of a fit that was interrupted
            if message.event == "begin":
                self._lines[message.key] = self._progress.add_task(
                    message.name or "", total=message.total, text=message.text or ""
                )
            elif message.key in self._lines:
                getattr(self, f"_{message.event}")(message, self._lines[message.key])

    def _update(self, message, line) -> None:
        fields = {} if message.text is None else {"text": message.text}
        self._progress.update(
            line,
            description=message.name,
            completed=message.completed,
            total=message.total,
            **fields,
        )

    def _advance(self, message, line) -> None:
        self._progress.advance(line)
        task = self._progress.tasks[self._progress.task_ids.index(line)]
        self._progress.update(line, text=f"{task.completed:.0f} of {task.total} fits")

    def _end(self, message, line) -> None:
        below = [
            k for k in self._lines if k != message.key and k[: len(message.key)] == message.key
        ]
        for key in below:  # of fits that have failed
            self._progress.remove_task(self._lines.pop(key))
        del self._lines[message.key]
        if message.stays:
            self._update(message, line)
            self._progress.stop_task(line)
        else:
            self._progress.remove_task(line)


def _new_progress() -> Progress:
    from rich import get_console
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
    from rich.table import Column
    from rich.text import Text

    class CutColumn(TextColumn):
        """Text that is cut where the screen is narrow, so that a line stays one."""

        def render(self, task) -> Text:
            text = super().render(task)
            text.no_wrap, text.overflow = True, "ellipsis"
            return text

    def whole() -> Column:
        return Column(no_wrap=True)

    console = get_console()
    # processes of a pool share the terminal, and none of them can move its cursor
    in_pool = current_process().name != "MainProcess"
    if in_pool or not (console.is_terminal or console.is_jupyter):
        console = Console(force_terminal=False, width=max(console.width, _WIDTH_OF_FILES))
    return Progress(
        TextColumn("{task.description}", table_column=whole(), markup=False),
        BarColumn(min(max(console.width - 80, 6), 40), table_column=whole()),
        TextColumn("{task.percentage:>3.0f}%", table_column=whole()),
        CutColumn("{task.fields[text]}", table_column=Column(), markup=False),
        TimeElapsedColumn(table_column=whole()),
        console=console,
    )


DISPLAY = Display()
