"""Scores reports against the truth: pairs, modes, outcomes, verdict, and what must not be said.

`python -m tests.scoring FOLDER...` analyses every balancer capture of each scenario and prints one
line a capture; exit status 1 when anything differs from the truth.
"""

import argparse
import json
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pcapdiag.pipeline import analyze, sessions_of
from pcapdiag.report.flow_lines import flow_lines
from pcapdiag.settings import Settings
from tests.truth import Connection, Key, Truth, TruthCapture, find_truths, key

View = Mapping[str, Any]
"""A report in the shape of the JSON contract."""


@dataclass(frozen=True)
class Score:
    """One capture's report against its truth."""

    capture: str
    pairs_right: int
    pairs_wrong: int
    """Pairs of the report that the truth does not have."""
    pairs_missing: int
    """Pairs of the truth that the report lacks; fronts the report lacks count one each."""
    modes_right: int
    modes: int
    """Connections of the truth: all of them should have their mode named."""
    outcomes_wrong: int
    """Sessions called ok whose client was not served, or failed whose client was."""
    verdict: str
    expected: tuple[str, ...]
    """Each of them is right; empty: not judged."""
    broken: tuple[str, ...]
    """What was said though it must not be, or not said though it must."""
    details: tuple[str, ...]
    """The first few differences, for people."""
    seconds: float

    @property
    def right(self) -> bool:
        """True for 99.5 % of the pairs and none wrong, 99 % of the modes, and the right words."""
        total = self.pairs_right + self.pairs_missing
        return (
            self.pairs_wrong == 0
            and self.pairs_right >= 0.995 * total
            and self.modes_right >= 0.99 * self.modes
            and self.outcomes_wrong == 0
            and self.verdict in (self.expected or (self.verdict,))
            and not self.broken
        )

    def line(self) -> str:
        """One line for the terminal."""
        word = "ok  " if self.right else "BAD "
        verdict = self.verdict
        if self.expected and verdict not in self.expected:
            verdict += f" (want {' or '.join(self.expected)})"
        return (
            f"{word} {self.capture:44} pairs {self.pairs_right:4} right {self.pairs_wrong:3} wrong "
            f"{self.pairs_missing:3} missing  modes {self.modes_right:3}/{self.modes:<3} "
            f"outcomes {self.outcomes_wrong:2} wrong "
            f"{self.seconds:6.2f} s  {verdict}" + "".join(f"  !{word}" for word in self.broken)
        )


def analyse(path: Path, settings: Settings | None = None) -> View:
    """Run the program on one capture and return its report in the JSON contract's shape."""
    report = analyze([path], settings or Settings(sessions="all"))
    return asdict(replace(report, sessions=tuple(report.sessions), affected=()))


def pair_only(path: Path) -> View:
    """Run the program up to the sessions; the view has no verdict, findings or limits."""
    traffic, _, sessions, _ = sessions_of([path], Settings())
    clients = [one for one in sessions if not one.health_check]
    records = [r for one in clients for r in (one.front, *(b.record for b in one.backs)) if r >= 0]
    flows = flow_lines(traffic.flows, records, [path.name])
    return {
        "verdict": {"rule": "not judged"},
        "findings": [],
        "limits": [],
        "sessions": [
            {
                "front": asdict(flows[one.front]) if one.front >= 0 else None,
                "backs": [asdict(flows[back.record]) for back in one.backs],
                "mode": one.mode,
                "outcome": one.outcome,
            }
            for one in clients
        ],
    }


def score(truth: Truth, capture: TruthCapture, view: View, seconds: float = 0.0) -> Score:
    """Compare a report of one capture with the scenario's truth."""
    said = _sessions(view)
    right = wrong = missing = modes_right = judged = outcomes_wrong = 0
    details: list[str] = []
    for connection in truth.connections:
        sessions = said.pop(connection.front, None)
        if sessions is None:
            if capture.whole:
                missing += max(1, len(connection.backs))
                judged += 1
                details.append(f"front not reported: {_text(connection.front)}")
            continue
        backs = frozenset().union(*(_back_keys(session) for session in sessions))
        right += len(backs & connection.backs) or int(not backs and not connection.backs)
        wrong += len(backs - connection.backs)
        details += [
            _differs(connection, back, "wrong") for back in sorted(backs - connection.backs)
        ]
        if not capture.whole:
            continue
        missing += len(connection.backs - backs)
        details += [_differs(connection, b, "missing") for b in sorted(connection.backs - backs)]
        judged += 1
        modes = sorted({str(session["mode"]) for session in sessions})
        modes_right += modes == [connection.mode]
        if modes != [connection.mode]:
            details.append(f"mode {modes}, is {connection.mode}: {_text(connection.front)}")
        opposite = "failed" if connection.outcome == "ok" else "ok"
        if any(session["outcome"] == opposite for session in sessions):
            outcomes_wrong += 1
            details.append(f"{opposite}, was {connection.outcome}: {_text(connection.front)}")
    for front, sessions in said.items():
        extra = [back for session in sessions for back in sorted(_back_keys(session))]
        wrong += len(extra)
        details += [f"not a client's: {_text(front)} => {_text(back)}" for back in extra]
    return Score(
        capture=f"{truth.name}/{capture.path.name}",
        pairs_right=right,
        pairs_wrong=wrong,
        pairs_missing=missing,
        modes_right=modes_right,
        modes=judged,
        outcomes_wrong=outcomes_wrong,
        verdict=str(view["verdict"]["rule"]),
        expected=capture.verdicts,
        broken=_broken(truth, capture, view),
        details=tuple(details),
        seconds=seconds,
    )


def _sessions(view: View) -> dict[Key, list[Mapping[str, Any]]]:
    """Group the report's sessions by front flow; those without a front are no client's."""
    said: dict[Key, list[Mapping[str, Any]]] = {}
    for session in view["sessions"]:
        if session["front"] is not None:
            said.setdefault(_flow_key(session["front"]), []).append(session)
    return said


def _back_keys(session: Mapping[str, Any]) -> frozenset[Key]:
    return frozenset(_flow_key(back) for back in session["backs"])


def _flow_key(flow: Mapping[str, Any]) -> Key:
    return key(
        f"[{flow['source']}]:{flow['source_port']}",
        f"[{flow['destination']}]:{flow['destination_port']}",
    )


def _broken(truth: Truth, capture: TruthCapture, view: View) -> tuple[str, ...]:
    """Name what the report says though the truth forbids it, and what it should have said.

    Both are about what the balancer sees: nothing is broken elsewhere.
    """
    if capture.point != "balancer":
        return ()
    said = {str(view["verdict"]["rule"])}
    for finding in view["findings"]:
        said |= {finding["rule"], f"{finding['rule']}:{finding['certainty']}"}
    for session in view["sessions"]:
        if session["front"] is not None:
            said |= {f"mode={session['mode']}", f"outcome={session['outcome']}"}
    forbidden = [f"said {word}" for word in truth.must_not if word in said]
    limits = {limit["id"] for limit in view["limits"]}
    return (
        *forbidden,
        *(f"not said {word}" for word in truth.must if word not in said),
        *(f"no limit {word}" for word in truth.limits if word not in limits),
    )


def _differs(connection: Connection, back: Key, word: str) -> str:
    return f"{word}: {_text(connection.front)} => {_text(back)}"


def _text(flow: Key) -> str:
    return f"{flow[0]}:{flow[1]} > {flow[2]}:{flow[3]}"


def score_folder(folder: Path, every_point: bool = False, pairs: bool = False) -> Iterator[Score]:
    """Analyse and score the captures of all scenarios below a folder; `pairs`: without judging."""
    for truth in find_truths(folder):
        for capture in truth.captures:
            if every_point or capture.verdicts:
                started = time.monotonic()
                view = pair_only(capture.path) if pairs else analyse(capture.path)
                seconds = time.monotonic() - started
                if pairs:
                    asked = replace(truth, must=(), must_not=(), limits=())
                    yield score(asked, replace(capture, verdicts=()), view, seconds)
                else:
                    yield score(truth, capture, view, seconds)


def main(arguments: Sequence[str] | None = None) -> int:
    """Print the scores; return 0 when all are right."""
    parser = argparse.ArgumentParser(prog="python -m tests.scoring", description=__doc__)
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--every-point", action="store_true", help="also client, router, server")
    parser.add_argument("--pairs", action="store_true", help="pairs and modes only, no rules")
    parser.add_argument("--details", type=int, default=3, help="differences shown a capture")
    parser.add_argument("--json", action="store_true", help="print the scores as JSON")
    chosen = parser.parse_args(arguments)
    scores: list[Score] = []
    for folder in chosen.folders:
        for one in score_folder(folder, chosen.every_point, chosen.pairs):
            scores.append(one)
            if not chosen.json:
                print(one.line(), *one.details[: chosen.details], sep="\n       ", flush=True)
    if chosen.json:
        print(json.dumps([asdict(one) | {"right": one.right} for one in scores], indent=1))
    bad = [one for one in scores if not one.right]
    print(
        f"{len(scores) - len(bad)} of {len(scores)} captures as the truth has them", file=sys.stderr
    )
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
