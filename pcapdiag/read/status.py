"""Why a scan of record headers stopped; the words between the containers and their reader."""

from typing import Final

WAITING: Final = 0
"""The record that comes next is not whole: more bytes are needed."""
MORE: Final = 1
"""More may be found in the same bytes: the table was full, or a frame has to be told apart."""
DAMAGED: Final = 2
"""What comes next cannot be a record."""
OTHER: Final = 3
"""A whole block that is no packet comes next."""
COMMENTED: Final = 4
"""The last record came with a comment; its block comes next."""
