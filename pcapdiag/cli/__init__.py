"""The command line: options in, exit status out.  One file a command, imported when it is called.

Exit status: 0 analysed, 1 a finding at or above ``--fail-on``, 2 wrong use or nothing readable,
130 interrupted, 141 nobody reads the output.
"""

from pcapdiag.cli.commands import main, pcapdiag

__all__ = ["main", "pcapdiag"]
