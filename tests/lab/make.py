"""Plays scenarios and writes their samples: `python -m tests.lab.make [--to FOLDER] [SCENARIO...]`.

Without names, all that are kept as samples.  Exit status 2 when the laboratory cannot be built here.
"""

import argparse
import gzip
import json
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from tests.lab import available
from tests.lab.capture import Recording
from tests.lab.network import ROOT
from tests.lab.scenarios import Scenario, all_scenarios
from tests.lab.stage import Stage

SAMPLES: Final = ROOT / "samples"
PLAIN: Final = ("story",)
"""Captures kept uncompressed: what people open first."""


def make(scenario: Scenario, folder: Path) -> Path:
    """Play one scenario; write its captures and truth to a folder and return the truth file."""
    truth_file = folder / f"{scenario.id}.json"
    with scenario.play() as stage:
        captures = [_keep_capture(scenario, one, folder) for one in stage.recordings]
        truth_file.write_text(as_text(_document(scenario, stage, captures)), encoding="utf-8")
    return truth_file


def _keep_capture(scenario: Scenario, recording: Recording, folder: Path) -> dict[str, Any]:
    content = recording.file.read_bytes()
    suffix = ".pcapng" if content[:4] == b"\x0a\x0d\x0d\x0a" else ".pcap"
    if recording.name in PLAIN:
        file = folder / f"{recording.name}{suffix}"
        file.write_bytes(content)
    else:
        file = folder / f"{recording.name}{suffix}.gz"
        # No time and no name in the header: the same capture gives the same file.
        file.write_bytes(gzip.compress(content, mtime=0))
    words = {"lb": "balancer", "r": "router", "far": "client", "c": "client", "s": "server"}
    word = words.get(recording.host) or words[recording.host[0]]
    line: dict[str, Any] = {"file": file.name, "point": word, "interface": recording.interfaces}
    others = dict(scenario.other_verdicts)
    if recording.name in others:
        line["verdict"] = others[recording.name]
    return line


def _document(scenario: Scenario, stage: Stage, captures: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "scenario": scenario.id,
        "description": scenario.description,
        "expected": {
            "verdict": scenario.verdict,
            "must": list(scenario.must),
            "must_not": list(scenario.must_not),
            "notes": list(scenario.notes),
        },
        "topology": {
            "kind": "two-arm" if stage.two_arm else "one-arm",
            "balancer": stage.balancer_addresses(),
            "servers": stage.server_addresses(),
            "macs": stage.network.macs,
        },
        "captures": captures,
        "connections": stage.connections(),
        "provenance": {
            "made_by": f"python -m tests.lab.make {scenario.id}",
            "kernel": platform.release().split("-")[0],
            "balancer": _first_words(["haproxy", "-v"], 3),
            "nftables": _first_words(["nft", "--version"], 2),
        },
    }


def write_sources(folder: Path) -> Path:
    """Write SOURCES.md: every sample of a folder, its story, and the command that makes it."""
    lines = [
        "# Where the samples come from",
        "",
        "Real traffic between network namespaces, balanced by HAProxy, nftables or policy routing",
        "(`tests/lab`); addresses and names are those kept for documentation. `<id>.json` is",
        "what really happened, from the balancer's log, its kernel's table and the servers' logs,",
        "and what a report must and must not say. This file is written by the same command.",
    ]
    for file in sorted(folder.glob("*.json")):
        document = json.loads(file.read_text(encoding="utf-8"))
        expected, made = document["expected"], document["provenance"]
        captures = ", ".join(f"`{one['file']}` ({one['point']})" for one in document["captures"])
        lines += ["", f"## {document['scenario']}", "", document["description"], ""]
        verdict = expected["verdict"]
        words = " or ".join(
            f"`{one}`" for one in ([verdict] if isinstance(verdict, str) else verdict)
        )
        lines += [f"Expected: {words}. Captures: {captures}."]
        lines += [f"Made by `{made['made_by']}` on Linux {made['kernel']} ({made['balancer']})."]
    sources = folder / "SOURCES.md"
    sources.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return sources


def _first_words(command: list[str], words: int) -> str:
    done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=True)
    return " ".join(done.stdout.splitlines()[0].split()[:words])


def as_text(document: dict[str, Any]) -> str:
    """JSON with one line a capture and a connection, so that a difference can be read."""
    rows = {name: document[name] for name in ("captures", "connections")}
    text = json.dumps(document | {name: name.upper() for name in rows}, indent=1)
    for name, lines in rows.items():
        inner = ",\n".join(f"  {json.dumps(line)}" for line in lines)
        text = text.replace(f'"{name.upper()}"', f"[\n{inner}\n ]" if lines else "[]")
    return text + "\n"


def main(arguments: Sequence[str] | None = None) -> int:
    """Make the samples asked for."""
    scenarios = all_scenarios()
    parser = argparse.ArgumentParser(prog="python -m tests.lab.make", description=__doc__)
    parser.add_argument("scenarios", nargs="*", metavar="SCENARIO")
    parser.add_argument("--to", type=Path, default=SAMPLES, help="folder (default: samples/)")
    chosen = parser.parse_args(arguments)
    unknown = sorted(set(chosen.scenarios) - set(scenarios))
    if unknown:
        parser.error(f"no scenario {', '.join(unknown)}; there are {', '.join(scenarios)}")
    able, why = available()
    if not able:
        print(why, file=sys.stderr)
        return 2
    # Ended from outside, the laboratory still removes itself.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    for name in chosen.scenarios or [name for name in scenarios if scenarios[name].sample]:
        started = time.monotonic()
        file = make(scenarios[name], chosen.to)
        print(f"{time.monotonic() - started:5.1f} s  {file.name}", flush=True)
    write_sources(chosen.to)
    return 0


if __name__ == "__main__":
    sys.exit(main())
