"""Read a file as an analysis does, and say what its reader should know."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final

from pcapdiag import facts, rules
from pcapdiag.doctor.model import Complaint, Diagnosis
from pcapdiag.flows.build import Progress
from pcapdiag.flows.result import CaptureFacts
from pcapdiag.flows.table import WHOLE
from pcapdiag.layers.reasons import is_unreadable
from pcapdiag.pipeline import sessions_of
from pcapdiag.read import Account, Problem
from pcapdiag.report.words import duration, number, plural, size
from pcapdiag.settings import Settings

SECOND: Final = 1_000_000_000
EARLIEST: Final = int(datetime(1990, 1, 1, tzinfo=UTC).timestamp()) * SECOND
LATEST: Final = int(datetime(2100, 1, 1, tzinfo=UTC).timestamp()) * SECOND
"""Captures are older than the first, or younger than the last, by a wrong clock only."""
LONG_GAP_NS: Final = 24 * 3600 * SECOND
MANY_EQUAL: Final = 0.5
"""Share of packets with the time of the one before from which the clock must be coarse."""


def examine(
    name: str, settings: Settings | None = None, progress: Progress | None = None
) -> Diagnosis:
    """Return what is wrong with a file.  Raises NothingReadable when it cannot be opened as a capture."""
    settings = settings or Settings()
    traffic, topology, sessions, _ = sessions_of([name], settings, progress)
    judgement = rules.evaluate(
        rules.load(settings.rules), facts.build(traffic, topology, sessions, settings)
    )
    (capture,) = traffic.captures
    length = os.path.getsize(name) if os.path.isfile(name) else -1
    return Diagnosis(
        name=name,
        size=length,
        account=capture.account,
        interfaces=capture.interfaces,
        flows=int((traffic.flows["hop"] == WHOLE).sum()),
        undecoded=capture.undecoded,
        complaints=tuple(complaints(capture, length)),
        limits=tuple(judgement.limits),
    )


def complaints(capture: CaptureFacts, length: int) -> Iterator[Complaint]:
    """Yield what is wrong with a capture whose file has so many bytes, or worth knowing."""
    account = capture.account
    for problem in account.problems:
        yield _damage(problem, account, length)
    if account.packets == 0 and not account.problems:
        yield Complaint(
            "The file holds no packet.", "Take the capture again, with a wider filter.", True
        )
    if account.drops > 0:
        yield Complaint(
            f"The capturing host lost {plural(account.drops, 'packet')} "
            f"(it kept {number(account.packets)}).",
            "Capture with a larger buffer and a narrower filter: `tcpdump -B 65536 ...`.",
            True,
        )
    yield from _undecoded(capture)
    yield from _times(account)
    if account.cut_packets:
        yield Complaint(
            f"{plural(account.cut_packets, 'packet was', 'packets were')} cut when captured.",
            "Lengths are judged as they were on the wire; for payload capture with "
            f"`{'start nstrace -size 0' if account.format == 'nstrace' else 'tcpdump -s 0'}`.",
            False,
        )
    if account.blocks.get("decryption secrets"):
        yield Complaint(
            "The file holds TLS secrets; they are not read.",
            "Before it is passed on: `editcap --discard-all-secrets IN OUT`.",
            False,
        )


def _damage(problem: Problem, account: Account, length: int) -> Complaint:
    plain = "+" not in account.format and account.format in ("pcap", "pcapng", "snoop", "nstrace")
    ends = "ends inside" in problem.what or "cut short" in problem.what
    what = problem.what[:1].upper() + problem.what[1:]
    if ends:
        now = "The capture was still being written, or its copy is not whole: copy it again."
    elif plain and length > problem.position:
        left = size(length - problem.position)
        now = f"The last {left} were not read: copy the file again, or take the capture again."
    else:
        now = "Copy the file again, in binary mode, or take the capture again."
    return Complaint(f"{what}.", now, True, problem.position, problem.frame)


def _undecoded(capture: CaptureFacts) -> Iterator[Complaint]:
    for reason, count in capture.undecoded.items():
        if not is_unreadable(reason):
            continue
        now = "Packets of this kind are left out of the analysis."
        if "truncated" in reason and capture.account.cut_packets:
            now = "Capture more of each packet: `tcpdump -s 0`."
        yield Complaint(f"{plural(count, 'packet')} could not be decoded: {reason}.", now, True)


def _times(account: Account) -> Iterator[Complaint]:
    if account.backwards:
        yield Complaint(
            f"{plural(account.backwards, 'packet has', 'packets have')} an earlier time than the one "
            f"before, by up to {duration(account.backwards_ns)}.",
            "They are read in the order of the file; `reordercap IN OUT` puts them in order of time.",
            True,
            frame=account.backwards_frame,
        )
    if account.untimed:
        yield Complaint(
            f"{plural(account.untimed, 'packet has', 'packets have')} no usable time.",
            "Nothing that depends on time is judged for them.",
            True,
        )
    for time_ns in {account.first_ns, account.last_ns}:
        if time_ns >= 0 and not EARLIEST <= time_ns < LATEST:
            year = 1970 + time_ns // (SECOND * 31_556_952)
            yield Complaint(
                f"The file has packets of the year {year}: a clock was wrong.",
                "Only times between packets can be relied on.",
                True,
            )
    if account.gap_ns >= LONG_GAP_NS:
        yield Complaint(
            f"Nothing was captured for {duration(account.gap_ns)}.",
            "The clock may have been set, or files been put together.",
            False,
            frame=account.gap_frame,
        )
    if account.packets > 1 and account.equal_times > MANY_EQUAL * account.packets:
        yield Complaint(
            f"{plural(account.equal_times, 'packet has', 'packets have')} the very time of the one "
            "before: the clock was coarse.",
            "Durations below its step are not known.",
            False,
        )
