"""Find captures below folders by what they begin with; names tell nothing."""

import os
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from pcapdiag.read import is_capture


@dataclass(frozen=True)
class Found:
    """A file to analyse."""

    path: str
    shown: str
    """Its name in the audit: does not depend on where the folder lies."""


def find(paths: Sequence[str]) -> list[Found]:
    """Return the captures in folders and the files named, each once, in order of their shown names.

    A file that the user names is taken whatever it holds.  Links to folders are not followed.
    """
    found: dict[str, Found] = {}
    for given in paths:
        # Names that two folders share would be the same row; then the folder is part of the name.
        prefix = f"{Path(given).name or given}/" if len(paths) > 1 else ""
        if not os.path.isdir(given):
            found.setdefault(os.path.realpath(given), Found(given, Path(given).name or given))
            continue
        for path in _walk(given):
            shown = prefix + Path(path).relative_to(given).as_posix()
            found.setdefault(os.path.realpath(path), Found(path, shown))
    return sorted(_told_apart(list(found.values())), key=lambda one: (one.shown, one.path))


def _walk(folder: str) -> Iterator[str]:
    for here, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(here, name)
            if is_capture(path):
                yield path


def _told_apart(found: list[Found]) -> list[Found]:
    count = Counter(one.shown for one in found)
    return [one if count[one.shown] == 1 else Found(one.path, one.path) for one in found]
