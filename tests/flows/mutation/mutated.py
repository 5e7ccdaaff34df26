"""Compares captures changed on purpose with tshark, flow by flow.

`python -m tests.flows.mutation.mutated SEEDS FOLDER...` changes every capture of the folders (and
random traffic) once for each kind of change and seed, and prints what differs.
"""

import argparse
import random
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from pcapdiag.flows.build import read_traffic
from pcapdiag.flows.table import WHOLE
from pcapdiag.read import open_capture
from tests.flows.compare import EVERYTHING, compare, files
from tests.flows.mutation.connections import CONNECTIONS
from tests.flows.mutation.frames import ETHERNET, Frame, Strange, load, write
from tests.flows.mutation.headers import HEADERS, Mutation
from tests.flows.mutation.inserted import INSERTED
from tests.flows.mutation.order import ORDER
from tests.flows.mutation.wrapping import WRAPPING
from tests.flows.test_traffic import last_words
from tests.flows.traffic import traffic
from tests.read.compare import compare as compare_frames

MOST_FRAMES: Final = 600
"""Of each capture; the kernel runs uncompiled here, and tshark once a change."""
MUTATIONS: Final[dict[str, Mutation]] = {
    mutation.__name__: mutation
    for mutation in (*ORDER, *HEADERS, *INSERTED, *CONNECTIONS, *WRAPPING)
}


@dataclass(frozen=True)
class Case:
    """One change of one capture."""

    mutations: tuple[str, ...]
    seed: str

    def apply(self, capture: Strange) -> Strange:
        """Return the changed capture."""
        choose = random.Random(f"{self.seed} {' '.join(self.mutations)}")
        for name in self.mutations:
            if capture.frames:
                capture = MUTATIONS[name](choose, capture)
        return capture


def cases(choose: random.Random, name: str, count: int) -> Iterator[Case]:
    """Yield so many changes for a capture: one kind, or two or three after each other."""
    for number in range(count):
        chosen = choose.sample(sorted(MUTATIONS), choose.choice((1, 1, 2, 3)))
        yield Case(tuple(chosen), f"{name} {number}")


def generated(seed: int, connections: int = 12) -> Strange:
    """Return random traffic."""
    frames = []
    for packet in traffic(seed, connections):
        data = packet.frame()
        frames.append(Frame(1_700_000_000_000_000_000 + round(packet.at_ms * 1e6), data, len(data)))
    return Strange(ETHERNET, frames)


def differences(path: Path, compiled: bool | None = False) -> tuple[int, dict[int, str], str]:
    """Return flows, streams that differ, and how the frames differ ("": they do not)."""
    found = compare(path, EVERYTHING, compiled=compiled)
    differing = found.differing or endings(path, compiled)
    word, detail = compare_frames(str(path))
    return found.flows, differing, "" if word == "equal" else f"{word}: {detail}"


def endings(path: Path, compiled: bool | None = False) -> dict[int, str]:
    """Return the streams whose completeness or first round trip differs."""
    flows = read_traffic([open_capture(str(path))], compiled=compiled).flows.records
    shown = last_words(path)
    differing = {}
    for flow in flows[flows["hop"] == WHOLE]:
        number, ours = int(flow["flow"]), (int(flow["completeness"]), int(flow["first_rtt_ns"]))
        theirs = shown.get(number, ours)
        # tshark shows the round trip with the next packet only, and after one of 0 that of another
        # packet; one below 0 is 0 here.
        if theirs[1] < 0 or ours[1] == 0:
            theirs = (theirs[0], ours[1])
        if ours != theirs:
            differing[number] = f"completeness and round trip {ours}, tshark {theirs}"
    return differing


def sources(folders: list[str], choose: random.Random) -> Iterator[tuple[str, Strange]]:
    """Yield captures and generated ones in random order."""
    known: list[tuple[Path, Path]] = [(Path(f), path) for f in folders for path in files(Path(f))]
    choose.shuffle(known)
    for number, (folder, path) in enumerate(known):
        capture = load(path, MOST_FRAMES)
        if capture is not None and len(capture.frames) > 3:
            yield str(path.relative_to(folder)), capture
        if number % 4 == 0:
            yield f"traffic {number}", generated(choose.randrange(10_000))


def main() -> None:
    """Compare, and print what differs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seed", type=int)
    parser.add_argument("count", type=int, help="changes of each capture")
    parser.add_argument("folders", nargs="+")
    parser.add_argument("--only", default="", help="kind of change")
    parser.add_argument("--files", type=int, default=1 << 30)
    parser.add_argument("--keep", type=Path, help="folder for captures that differ")
    parser.add_argument("--compiled", action="store_true")
    arguments = parser.parse_args()
    choose = random.Random(arguments.seed)
    flows = differing = captures = 0
    kinds: Counter[str] = Counter()
    with TemporaryDirectory() as folder:
        path = Path(folder, "mutated.pcap")
        for number, (name, capture) in enumerate(sources(arguments.folders, choose)):
            if number == arguments.files:
                break
            for case in cases(choose, f"{arguments.seed} {name}", arguments.count):
                if arguments.only:
                    case = replace(case, mutations=tuple(arguments.only.split("+")))
                changed = case.apply(capture)
                write(path, changed)
                seen, found, frames = differences(path, arguments.compiled)
                flows += seen
                differing += len(found)
                captures += 1
                if not found and not frames:
                    continue
                kinds["+".join(case.mutations)] += len(found)
                print(f"{'+'.join(case.mutations)} {name} [{captures}]: {frames}", flush=True)
                for stream, text in list(found.items())[:3]:
                    print(f"    stream {stream}: {text}", flush=True)
                if arguments.keep:
                    arguments.keep.mkdir(exist_ok=True)
                    write(arguments.keep / f"{arguments.seed}-{captures}.pcap", changed)
    print(f"{flows - differing} of {flows} flows equal in {captures} captures")
    print(dict(kinds.most_common(30)), file=sys.stderr)


if __name__ == "__main__":
    main()
