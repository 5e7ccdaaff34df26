"""Work in a thread, beside the main one: for what leaves the interpreter alone or is waited for anyway."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

_Result = TypeVar("_Result")


def beside(work: Callable[[], _Result]) -> Future[_Result]:
    """Begin some work; its result, or what it raised, is there when it is asked for."""
    thread = ThreadPoolExecutor(1, "beside")
    begun = thread.submit(work)
    thread.shutdown(wait=False)
    return begun
