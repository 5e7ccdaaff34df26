"""The process that analyses: takes one capture after the other, sends a row for each."""

import faulthandler
import os
import signal
from multiprocessing.connection import Connection

from pcapdiag.audit.find import Found
from pcapdiag.audit.model import Row, row_of
from pcapdiag.pipeline import NothingReadable, analyze
from pcapdiag.rules import RuleError
from pcapdiag.settings import Settings


def work(connection: Connection, settings: Settings, log: str) -> None:
    """Answer each capture received with its row, until the other end is closed.

    A fault of our own ends this process with a traceback in the file `log`; the pool makes a row of it.
    """
    # Ctrl-C is for the process that asked; it ends this one.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.dup2(os.open(log, os.O_WRONLY | os.O_APPEND), 2)
    faulthandler.enable()
    while True:
        try:
            found: Found = connection.recv()
        except EOFError:
            return
        connection.send(analyse(found, settings))


def analyse(found: Found, settings: Settings) -> Row:
    """Return the row of one capture."""
    try:
        return row_of(found.shown, analyze([found.path], settings))
    except NothingReadable as error:
        return Row(found.shown, error=error.reason)
    except RuleError as error:
        # A condition that only fails on this capture, or takes too long: its author can mend it.
        return Row(found.shown, error=str(error))
