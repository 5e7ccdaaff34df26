"""`python -m pcapdiag` is the command `pcapdiag`."""

from pcapdiag.cli import main

main()
