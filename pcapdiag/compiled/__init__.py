"""One source, two ways to run: kernel functions as plain Python, or compiled by numba.

A kernel function is written in the subset of Python both understand and marked with
:func:`kernel`.  Called directly it is ordinary Python (the first verdict waits for no compiler);
:func:`compiled` gives the machine code of the same functions.  That code is kept, and a later run
loads it without numba, whose import alone takes longer than a million packets.
"""

from pcapdiag.compiled.call import compiled, is_kept, making_of
from pcapdiag.compiled.kept import Making
from pcapdiag.compiled.marks import AnyFunction, apart, kernel, left_out, primitive
from pcapdiag.compiled.soon import soon
from pcapdiag.compiled.waits import add_wait, waited_s

__all__ = [
    "AnyFunction",
    "Making",
    "add_wait",
    "apart",
    "compiled",
    "is_kept",
    "kernel",
    "left_out",
    "making_of",
    "primitive",
    "soon",
    "waited_s",
]
