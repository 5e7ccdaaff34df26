"""Reads one batch ahead, in a thread: it is ready when the one before has been looked through."""

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from pcapdiag.read.model import Batch


def ahead(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Yield the batches, each while the next one is made; raises what making one raises.

    It pays where both sides leave the interpreter alone, as compiled code and the file system do.
    """
    making = iter(batches)
    with ThreadPoolExecutor(1, "read") as reader:
        coming = reader.submit(next, making, None)
        while (batch := coming.result()) is not None:
            coming = reader.submit(next, making, None)
            yield batch
