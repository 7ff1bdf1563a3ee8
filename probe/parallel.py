"""Many at once, few of them under way: results come as they are ready, memory stays flat."""

from __future__ import annotations

import multiprocessing
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    Executor,
    Future,
    ProcessPoolExecutor,
    ThreadPoolExecutor,
    wait,
)
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from typing import TypeVar

from probe.errors import ProbeError

T = TypeVar("T")
I = TypeVar("I")  # noqa: E741

CORES = os.cpu_count() or 1


def in_threads(function: Callable[[I], T], items: Iterable[I]) -> Iterator[T]:
    """Results of `function`, in the order they are ready; for work that waits elsewhere."""
    return _as_ready(lambda: ThreadPoolExecutor(CORES), function, items)


def in_processes(function: Callable[[I], T], items: Iterable[I]) -> Iterator[T]:
    """Results of `function`, in the order they are ready; for work that needs the interpreter.

    `function` must be importable and, like its items and results, picklable. The processes are
    spawned, since forking a process with threads can deadlock, and end when this one does, however
    it ends.

    Raises
    ------
    ProbeError
        One of the processes was ended from outside.
    """

    def pool() -> Executor:
        context = multiprocessing.get_context("spawn")
        return ProcessPoolExecutor(CORES, mp_context=context, initializer=_end_with_parent)

    return _as_ready(pool, function, items)


def _as_ready(
    make_pool: Callable[[], Executor], function: Callable[[I], T], items: Iterable[I]
) -> Iterator[T]:
    waiting = iter(items)
    pending: set[Future[T]] = set()
    with make_pool() as pool:
        try:
            while True:
                for item in islice(waiting, 2 * CORES - len(pending)):
                    pending.add(pool.submit(function, item))
                if not pending:
                    return
                done, pending = wait(pending, return_when=FIRST_COMPLETED)
                for future in done:
                    yield future.result()
        except BrokenProcessPool as error:
            raise ProbeError(
                "a worker process was ended from outside, most often for want of memory; what was"
                " done is kept, and the same command goes on from here"
            ) from error
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _end_with_parent() -> None:
    """Watch the parent: after a kill -9 nobody else tells the worker that it is alone."""
    parent = multiprocessing.parent_process()
    assert parent is not None

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
