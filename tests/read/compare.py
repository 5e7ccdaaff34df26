"""Compares what the reader finds with tshark, frame by frame: number, captured and wire length, time.

`python -m tests.read.compare FOLDER...` prints the files that differ, and a summary.
"""

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from pcapdiag.read import Unreadable, open_capture

FIELDS: Final = ("frame.number", "frame.cap_len", "frame.len", "frame.time_epoch")
LAST_SECOND: Final = 9_223_372_035
"""Later times do not fit into 64 bits of nanoseconds: unknown to us."""

Frame = tuple[int, int, int, int]
"""Number, captured, wire, nanoseconds since 1970 (-1: unknown)."""


def by_tshark(path: str) -> tuple[list[Frame], str]:
    """Return tshark's frames, and its complaint ("": none)."""
    command = ["tshark", "-n", "-r", path, "-T", "fields"]
    for field in FIELDS:
        command += ["-e", field]
    # Only the record matters: dissection would take most of the time.
    command += ["--disable-protocol", "eth"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, errors="replace")
    said = [line for line in ran.stderr.splitlines() if line.startswith("tshark:")]
    return [_frame(line) for line in ran.stdout.splitlines()], " ".join(said)


def _frame(line: str) -> Frame:
    number, captured, wire, time = line.split("\t")
    return int(number), int(captured), int(wire), _nanoseconds(time)


def _nanoseconds(time: str) -> int:
    seconds, _, fraction = time.partition(".")
    if not seconds or seconds.startswith("-") or int(seconds) > LAST_SECOND:
        return -1
    return int(seconds) * 10**9 + int(fraction.ljust(9, "0"))


def by_us(path: str) -> tuple[list[Frame], str]:
    """Return our frames, and what we say is wrong ("": nothing).  Raises Unreadable."""
    capture = open_capture(path)
    frames = []
    for batch in capture:
        columns = (batch.records[name].tolist() for name in ("captured", "wire", "time_ns"))
        for index, (captured, wire, time_ns) in enumerate(zip(*columns, strict=True)):
            frames.append((batch.first_number + index, captured, wire, time_ns))
    return frames, "; ".join(each.what for each in capture.account.problems)


def compare(path: str) -> tuple[str, str]:
    """Return in one word how the two compare, and what differs."""
    theirs, complaint = by_tshark(path)
    try:
        ours, problem = by_us(path)
    except Unreadable as error:
        return ("neither reads" if not theirs else "only tshark reads"), error.reason
    told = {frame[0]: frame for frame in ours}
    # Frames without a packet (journal entries, custom blocks) have numbers only.
    for frame in theirs:
        mine = told.get(frame[0])
        if mine is None:
            if frame[1] == frame[2] and not frame[3] > 0:
                continue
            return "differs", f"tshark has {frame}, we {len(ours)} frames ({problem}; {complaint})"
        if mine != frame:
            return "differs", f"tshark {frame}, we {mine}"
    if ours and (not theirs or ours[-1][0] > theirs[-1][0]):
        return "more here", f"{len(ours)} frames, tshark {len(theirs)} ({problem}; {complaint})"
    if bool(problem) != bool(complaint):
        return "complaint differs", f"{problem!r}, tshark {complaint!r}"
    return "equal", ""


def main(folders: list[str]) -> Iterator[str]:
    """Yield a line for each file that differs, then how many files compare how."""
    counts: Counter[str] = Counter()
    for folder in folders:
        for path in sorted(each for each in Path(folder).rglob("*") if each.is_file()):
            word, detail = compare(str(path))
            counts[word] += 1
            if word != "equal":
                yield f"{word}: {path.relative_to(folder)}: {detail}"
    yield ", ".join(f"{count} {word}" for word, count in counts.most_common())


if __name__ == "__main__":
    for line in main(sys.argv[1:]):
        print(line)
