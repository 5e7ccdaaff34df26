"""A laboratory of network namespaces: real balancers, servers and clients, and what was true.

Everything happens inside namespaces named after this process; leaving the context removes them.
"""

import os
import shutil
import subprocess
from typing import Final

PROGRAMS: Final = ("ip", "nft", "haproxy", "tcpdump", "conntrack", "sysctl", "setpriv", "ss")
"""What the laboratory runs; dumpcap and reordercap besides, for captures of two interfaces."""


def available() -> tuple[bool, str]:
    """Say whether the laboratory can be built here, and if not, precisely why."""
    if os.geteuid() != 0:
        return False, "the laboratory needs root: it makes network namespaces"
    absent = [name for name in PROGRAMS if shutil.which(name) is None]
    if absent:
        return False, f"the laboratory needs {', '.join(absent)}: not installed"
    return _kernel_allows(f"pd{os.getpid()}-try")


def _kernel_allows(name: str) -> tuple[bool, str]:
    """Make what the scenarios need in one namespace, and remove it."""
    inside = ["ip", "netns", "exec", name]
    steps = (
        ("network namespaces", ["ip", "netns", "add", name], None),
        (
            "veth",
            ["ip", "-n", name, "link", "add", "v0", "type", "veth", "peer", "name", "v1"],
            None,
        ),
        ("bridges", ["ip", "-n", name, "link", "add", "b0", "type", "bridge"], None),
        ("policy routing", ["ip", "-n", name, "rule", "add", "fwmark", "1", "lookup", "100"], None),
        ("nft with socket and NAT", [*inside, "nft", "-f", "-"], _NEEDED_RULES),
    )
    try:
        for what, command, text in steps:
            done = subprocess.run(
                command, input=text, capture_output=True, text=True, timeout=10, check=False
            )
            if done.returncode != 0:
                said = " ".join(done.stderr.split())[:200]
                return False, f"this kernel does not allow {what}: {said}"
    finally:
        subprocess.run(["ip", "netns", "del", name], capture_output=True, timeout=10, check=False)
    return True, "available"


_NEEDED_RULES: Final = """
table inet try {
  chain kept { type filter hook prerouting priority mangle;
    meta l4proto tcp socket transparent 1 meta mark set 1 accept
  }
  chain there { type nat hook prerouting priority dstnat;
    ip daddr 192.0.2.172 tcp dport 25 dnat ip to 192.0.2.74
  }
  chain back { type nat hook postrouting priority srcnat;
    ct status dnat masquerade
  }
}
"""
