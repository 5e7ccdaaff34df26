"""Captures in a namespace: tcpdump for one interface, dumpcap for several in one pcapng file."""

import re
import signal
import time
from pathlib import Path

from tests.lab.network import Network
from tests.lab.processes import LabError, Running, run, wait_until


class Recording:
    """A capture that runs; ``stop`` ends it by pid after the last packet has arrived."""

    def __init__(self, network: Network, host: str, interfaces: str, name: str) -> None:
        """Start and wait until it listens; `interfaces` is ``eth0``, ``any`` or ``eth0 eth1``."""
        self.name = name
        self.host = host
        self.interfaces = interfaces
        self.file = network.files / f"{name}.capture"
        names = interfaces.split()
        if len(names) == 1:
            command = [
                "tcpdump",
                "-i",
                names[0],
                "-n",
                "-s",
                "0",
                "-B",
                "32768",
                "-U",
                "--immediate-mode",
            ]
            command += ["-Z", "root", "-w", str(self.file)]
        else:
            command = ["dumpcap", "-q", "-w", str(self.file)]
            command += [word for one in names for word in ("-i", one)]
        self._running: Running = network.start(host, command, name)
        ready = "listening on" if len(names) == 1 else "File:"
        wait_until(lambda: ready in self._running.complained(), f"{command[0]} {interfaces}")

    def stop(self) -> Path:
        """Return the finished file; raise LabError when the kernel dropped packets."""
        self._wait_for_silence()
        self._running.stop(signal.SIGINT)
        said = self._running.complained()
        dropped = re.search(r"(\d+) packets? dropped by kernel", said)
        if dropped and dropped[1] != "0":
            raise LabError(f"{self.name}: {dropped[0]}")
        if " " in self.interfaces:
            self._sort()
        return self.file

    def _sort(self) -> None:
        """Order by time: dumpcap writes each interface's packets in batches."""
        ordered = self.file.with_suffix(".ordered")
        run(["reordercap", str(self.file), str(ordered)])
        ordered.replace(self.file)

    def _wait_for_silence(self, quiet_s: float = 0.4, at_most_s: float = 5.0) -> None:
        end = time.monotonic() + at_most_s
        size, since = -1, time.monotonic()
        while time.monotonic() < end and time.monotonic() - since < quiet_s:
            now = self.file.stat().st_size if self.file.exists() else 0
            if now != size:
                size, since = now, time.monotonic()
            time.sleep(0.05)
