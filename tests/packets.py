"""What tshark sees in a capture: the oracle for truth files and for our own reader."""

import shutil
import subprocess
from collections import Counter
from pathlib import Path

from tests.truth import Key, Truth, endpoint, key


def tshark_fields(path: Path, display_filter: str, *fields: str) -> list[list[str]]:
    """Return one list of field texts a packet; raises OSError when tshark cannot."""
    if shutil.which("tshark") is None:
        raise FileNotFoundError("tshark is not installed")
    command = ["tshark", "-n", "-r", str(path), "-Y", display_filter, "-T", "fields"]
    command += [word for field in fields for word in ("-e", field)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    # 2 is its word for a file that ends in the middle of a packet, after showing all before that.
    if done.returncode not in (0, 2) or (done.returncode and "cut short" not in done.stderr):
        raise OSError(f"{' '.join(command)}: {done.stderr.strip()}")
    return [line.split("\t") for line in done.stdout.splitlines()]


def connection_attempts(path: Path) -> Counter[Key]:
    """Count the SYNs of each flow; those inside ICMP messages are none."""
    rows = tshark_fields(
        path,
        "tcp.flags.syn == 1 && tcp.flags.ack == 0 && !icmp && !icmpv6",
        *("ip.src", "ipv6.src", "tcp.srcport", "ip.dst", "ipv6.dst", "tcp.dstport"),
    )
    return Counter(
        key(f"[{src or src6}]:{sport}", f"[{dst or dst6}]:{dport}")
        for src, src6, sport, dst, dst6, dport in rows
    )


def differences(truth: Truth, path: Path) -> list[str]:
    """Say where a balancer capture's SYNs and a sample's truth do not agree.

    Every flow of the truth must be there, and every other must be a health check: from an address
    of the balancer to a real server.
    """
    seen = connection_attempts(path)
    fronts = {connection.front for connection in truth.connections}
    backs = {back for connection in truth.connections for back in connection.backs}
    own = {endpoint(f"[{address}]:0")[0] for address in truth.document["topology"]["balancer"]}
    servers = {endpoint(f"[{address}]:0")[0] for address in truth.document["topology"]["servers"]}
    missing = sorted((fronts | backs) - set(seen))
    foreign = sorted(
        flow for flow in set(seen) - fronts - backs if not (flow[0] in own and flow[2] in servers)
    )
    return [
        *(f"not in the capture: {flow}" for flow in missing),
        *(f"not in the truth: {flow}" for flow in foreign),
        *(
            f"seen once, so not passed on: {connection.front}"
            for connection in truth.connections
            if connection.mode == "dsr" and seen[connection.front] < 2
        ),
    ]
