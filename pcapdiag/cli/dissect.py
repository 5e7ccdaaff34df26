"""`pcapdiag dissect`: the decoded dialogue of one session, packet by packet."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from os.path import basename
from typing import TYPE_CHECKING

import click

from pcapdiag.cli.choices import settings_options
from pcapdiag.cli.progress import progress_bar
from pcapdiag.cli.trouble import Trouble, troubles
from pcapdiag.settings import Settings

if TYPE_CHECKING:
    from pcapdiag.evidence.dissect import Decoded, Leg
    from pcapdiag.flows.result import CaptureFacts, Traffic
    from pcapdiag.sessions.model import Session


@click.command(short_help="Show the decoded packets of one session (needs tshark).")
@click.argument("files", metavar="FILE...", type=click.Path(), nargs=-1, required=True)
@click.option(
    "--session",
    metavar="N",
    type=click.IntRange(min=1),
    required=True,
    help="Its number in the report.",
)
@click.option(
    "--packets",
    metavar="N",
    type=click.IntRange(min=1),
    default=200,
    show_default=True,
    help="Show at most so many packets.",
)
@click.option(
    "--format",
    "named_format",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="Output format.",
)
@settings_options
def dissect(
    files: tuple[str, ...],
    session: int,
    packets: int,
    named_format: str,
    settings: Settings,
) -> None:
    """Show the decoded packets of one session, front and back as they came.

    Session numbers are those of `pcapdiag analyze --sessions all FILE...`: name the same files.
    Those of a ring buffer are one capture, and so is a folder of them.
    """
    if "-" in files:
        raise click.UsageError("dissect needs a file: tshark reads it, too.")
    with troubles(), progress_bar() as progress:
        from pcapdiag.pipeline import sessions_of

        traffic, _, sessions, _ = sessions_of(files, settings, progress)
    chosen = next((s for s in sessions if s.id == session), None)
    if chosen is None:
        raise Trouble(
            f"{', '.join(files)}: no session {session}; there are {len(sessions)}, health checks "
            "included."
        )
    from pcapdiag.evidence.dissect import DissectError
    from pcapdiag.evidence.dissect import dissect as decode

    capture = capture_of_session(traffic, chosen)
    parts = [part.name for part in capture.account.parts] or [capture.name]
    woven = capture.account.weave is not None
    decoded = decode(parts, legs_of_session(traffic, chosen), packets, woven)
    try:
        for line in (_json if named_format == "json" else _text)(decoded, capture):
            click.echo(line)
    except DissectError as error:
        raise Trouble(str(error)) from error


def capture_of_session(traffic: "Traffic", session: "Session") -> "CaptureFacts":
    """Return the capture that a session is in."""
    record = session.front if session.front >= 0 else session.backs[0].record
    return traffic.captures[int(traffic.flows["file"][record])]


def legs_of_session(traffic: "Traffic", session: "Session") -> "list[Leg]":
    """Return the legs of a session as dissecting needs them."""
    from pcapdiag.evidence.dissect import Leg
    from pcapdiag.report.flow_lines import flow_lines

    backs = [back.record for back in session.backs]
    named = [("front", session.front)] if session.front >= 0 else []
    named += [("back" if n == 1 else f"back {n}", record) for n, record in enumerate(backs, 1)]
    files = [capture.name for capture in traffic.captures]
    lines = flow_lines(traffic.flows, [record for _, record in named], files)
    return [
        Leg(
            name=name,
            source=lines[record].source,
            source_port=lines[record].source_port,
            destination=lines[record].destination,
            destination_port=lines[record].destination_port,
            first_frame=lines[record].first_frame,
            last_frame=lines[record].last_frame,
            source_mac=lines[record].macs[0],
            ttl=(int(traffic.flows["ttl"][record][0]), int(traffic.flows["ttl"][record][1])),
        )
        for name, record in named
    ]


def _text(decoded: "Iterable[Decoded]", capture: "CaptureFacts") -> Iterator[str]:
    """Yield lines; where a capture is kept in several files, each is named before its packets."""
    from pcapdiag.report.words import safe

    file = None
    for packet in decoded:
        now, frame = capture.account.place(capture.name, packet.frame)
        if now != file and capture.account.parts:
            yield f"{safe(basename(now))}:"
        file = now
        size = f", {packet.payload} bytes" if packet.payload else ""
        yield (
            f"{frame:>7} {float(packet.time_s):12.6f} s  {packet.leg:6} "
            f"{packet.source} > {packet.destination}  {packet.flags}{size}"
        )
        yield from (f"{'':32}{line}" for line in packet.lines)


def _json(decoded: "Iterable[Decoded]", capture: "CaptureFacts") -> Iterator[str]:
    """Yield JSON lines: one object a packet, its frame number that of the file it is in."""
    for packet in decoded:
        file, frame = capture.account.place(capture.name, packet.frame)
        said = asdict(packet) | {"frame": frame, "file": basename(file)}
        yield json.dumps(said, ensure_ascii=False)
