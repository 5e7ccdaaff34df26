"""Every rule over every capture of the samples and the lab, as a table in the checkout.

`python -m tests.rules.matrix` (part of `make update`) writes it anew; then read the diff: a rule that begins
to hold, or no longer does, shows as a changed line.
"""

from pathlib import Path
from typing import Final

from pcapdiag import analyze
from tests.truth import find_truths

ROOT: Final = Path(__file__).parents[2]
FOLDERS: Final = {"samples": ROOT / "samples", "lab": ROOT.parent / "shared" / "lab-examples"}
TABLE: Final = Path(__file__).with_name("matrix.tsv")


def captures() -> dict[str, Path]:
    """Return every capture at hand by its name in the table."""
    return {
        f"{kind}/{capture.path.relative_to(folder).as_posix()}": capture.path
        for kind, folder in FOLDERS.items()
        if folder.is_dir()
        for truth in find_truths(folder)
        for capture in truth.captures
    }


def line(path: Path) -> str:
    """Return what the rules say of a capture: verdict, findings with severity and certainty, limits."""
    report = analyze([path])
    found = [f"{f.rule}={f.severity}/{f.certainty}/{f.affected}" for f in report.findings]
    limits = [limit.id for limit in report.limits]
    return "\t".join([report.verdict.rule, *sorted(found), *sorted(limits)])


def table() -> dict[str, str]:
    """Return the table as it is in the checkout: name of a capture -> what was said of it."""
    rows = TABLE.read_text(encoding="utf-8").splitlines()
    return {name: said for name, _, said in (row.partition("\t") for row in rows)}


def main() -> None:
    """Write the table; captures that are not at hand keep their line."""
    old = table() if TABLE.exists() else {}
    kept = {name: said for name, said in old.items() if not FOLDERS[name.split("/")[0]].is_dir()}
    rows = kept | {name: line(path) for name, path in captures().items()}
    TABLE.write_text("".join(f"{n}\t{rows[n]}\n" for n in sorted(rows)), encoding="utf-8")


if __name__ == "__main__":
    main()
