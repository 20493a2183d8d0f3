"""How kernels are compiled: their options, and what becomes of signals meanwhile."""

# Authors: The scann-sklearn developers
# SPDX-License-Identifier: BSD-3-Clause

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from numba import config
from numba.core import event
from numba.core.registry import CPUDispatcher

from scann_sklearn.network._compile_cache import KernelCache, warn_once


def kernel(function=None, *, fastmath=True, inline="never") -> Any:
    """Compile a function when it is first called with arguments of some types.

    Parameters
    ----------
    function : callable, default=None
        The function, in numba's nopython dialect. None: return a decorator.
    fastmath : bool or set of str, default=True
        Liberties that LLVM may take with floating point.
    inline : {"never", "always"}, default="never"
        Whether it becomes part of the kernels that call it.

    Returns
    -------
    kernel : Kernel
        Called from Python and from other kernels alike. The function itself with
        NUMBA_DISABLE_JIT=1.
    """
    if function is None:
        return partial(kernel, fastmath=fastmath, inline=inline)
    if config.DISABLE_JIT:
        return function
    options = {"nopython": True, "nogil": True, "boundscheck": None, "error_model": "numpy"}
    made = Kernel(function, targetoptions=options | {"fastmath": fastmath, "inline": inline})
    made.enable_caching()
    return made


class Kernel(CPUDispatcher):
    """Compiled function that a Ctrl-C neither disguises nor leaves half-made."""

    def __call__(self, *args) -> Any:
        """Call the compiled function.

        Parameters
        ----------
        *args : object
            Its arguments.

        Returns
        -------
        result : object
            What it returns.
        """
        try:
            return CPUDispatcher.__call__(self, *args)
        except SystemError as error:
            cause = _root(error)
            if cause is error:
                raise
        raise cause

    def enable_caching(self) -> None:
        """Keep compiled code on disk, where a folder for it can be found."""
        known = self.py_func.__globals__
        called = [known.get(name) for name in self.py_func.__code__.co_names]
        depends_on: list[Any] = [
            (name, sorted(value) if isinstance(value, set) else value)
            for name, value in sorted(self.targetoptions.items())
        ]
        depends_on.append(config.BOUNDSCHECK)  # of the environment, which the option leaves open
        depends_on += [getattr(k._cache, "stamp", None) for k in called if isinstance(k, Kernel)]
        depends_on += [value for value in called if isinstance(value, int | float)]  # constants
        self.no_cache_because = None
        try:
            self._cache: KernelCache = KernelCache(self.py_func, depends_on)
        except (RuntimeError, OSError) as error:  # numba finds no folder, or can't read the source
            self.no_cache_because = error

    def _compile_for_args(self, *args, **kws) -> Any:
        # numba's way from a call without compiled code for such arguments
        if self.no_cache_because is not None:
            warn_once(self.no_cache_because)
        with interrupt_deferred():
            return super()._compile_for_args(*args, **kws)


def _root(error) -> BaseException:
    """What a signal handler raised while the result was made, or the error itself.

    A signal waits while a kernel runs. Its handler comes at the next instruction of Python, which
    for a tuple is within numba's making of it: that goes on with the exception set, and the
    interpreter replaces it by a SystemError, with the exception as its cause.
    """
    while isinstance(error, SystemError) and error.__cause__ is not None:
        error = error.__cause__
    return error


@contextmanager
def interrupt_deferred() -> Iterator[None]:
    """Let a Ctrl-C wait: half-compiled code would make every later call of the process fail."""
    handled = callable(signal.getsignal(signal.SIGINT))
    if threading.current_thread() is not threading.main_thread() or not handled:
        yield  # signals don't come here, or no Python code answers them
        return
    received = []
    previous = signal.signal(signal.SIGINT, lambda *args: received.append(args))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)
        if received:
            signal.raise_signal(signal.SIGINT)


class _Announcer(event.Listener):
    """Hears when numba begins to compile, which it doesn't where it loads code from disk."""

    def __init__(self, announce) -> None:
        self.announce, self.done = announce, False

    def on_start(self, event) -> None:
        if not self.done and isinstance(event.data["dispatcher"], Kernel):
            self.done = True
            self.announce()

    def on_end(self, event) -> None:
        pass


@contextmanager
def compilation_announced(announce: Callable[[], None]) -> Iterator[None]:
    """Call `announce`, once, before a kernel is compiled rather than loaded.

    Parameters
    ----------
    announce : callable
        Tells the user what takes so long.
    """
    with event.install_listener("numba:compile", _Announcer(announce)):
        yield
