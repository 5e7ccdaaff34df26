"""The shape of the program: dependencies point one way, and every module has its test."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).resolve().parents[1]
PACKAGE: Final = ROOT / "pcapdiag"

WAY: Final = (
    "settings", "beside", "compiled", "read", "layers", "flows", "payload", "topology", "sessions", "facts",
    "report.model", "report.words", "rules", "report", "pipeline", "evidence", "audit",
    "doctor", "cli", "__main__",
)  # fmt: skip
"""docs/design.md section 3, left to right: a room may import what stands before it, never after.

A dotted name is a module apart from its room: rules fill in what the Report's model declares, in its words.
"""

HEAVY: Final = frozenset(
    {
        "numba",
        "llvmlite",
        "duckdb",
        "scipy",
        "jinja2",
        "rich",
        "pyshark",
        "dpkt",
        "lz4",
        "zstandard",
        "yaml",
    }
)
"""Imported inside the function that needs them, so that nobody waits for what he does not use."""

ONLY_IN: Final = {"dpkt": "payload", "pyshark": "evidence", "duckdb": "facts", "click": "cli"}
"""Libraries that only one room may know."""

WITHOUT_TEST: Final[dict[str, str]] = (
    dict.fromkeys(
        (
            "settings",
            "compiled.marks",
            "flows.result",
            "topology.model",
            "report.model",
            "doctor.model",
        ),
        "declares values only; every test of their rooms makes them",
    )
    | dict.fromkeys(
        (
            "facts.build",
            "facts.raw",
            "facts.tables",
        ),
        "each fills columns that tests/facts/test_vocabulary.py checks against the vocabulary and that the "
        "stories of tests/rules/test_stories.py judge by",
    )
    | dict.fromkeys(
        ("rules.document", "rules.evidence", "rules.model", "rules.rows"),
        "parts of loading and evaluating: tests/rules/test_load.py and test_evaluate.py",
    )
    | dict.fromkeys(
        ("sessions.build", "sessions.retries"),
        "whole pairings in tests/sessions/test_pairs.py, and every sample's truth in tests/test_samples.py",
    )
)
"""Modules without a test file of their own, and why."""


@dataclass(frozen=True)
class Import:
    """One import statement of the program."""

    module: str
    """Who imports, as a dotted name below pcapdiag."""
    line: int
    target: str
    """What is imported, as a full dotted name."""
    lazy: bool
    """Inside a function."""
    typing: bool
    """Under ``if TYPE_CHECKING``."""


def modules() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE).with_suffix("").parts)


def room_of(name: str) -> str:
    return name.split(".")[0]


def imports_of(path: Path) -> Iterator[Import]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lazy = {id(n) for f in ast.walk(tree) if isinstance(f, ast.FunctionDef) for n in ast.walk(f)}
    typing = {
        id(n)
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and "TYPE_CHECKING" in ast.unparse(branch.test)
        for n in ast.walk(branch)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno}: write imports in full"
            # `from pcapdiag import rules` brings a room in as well as a name does.
            targets = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for target in targets:
            yield Import(name_of(path), node.lineno, target, id(node) in lazy, id(node) in typing)


ALL: Final = [found for path in modules() for found in imports_of(path)]


def test_rooms_are_all_on_the_way() -> None:
    rooms = {room_of(name_of(path)) for path in modules()} - {"__init__"}
    assert rooms == {room_of(name) for name in WAY}


def place_of(name: str) -> int | None:
    """Return the place on the way; None for names of pcapdiag/__init__.py."""
    parts = name.split(".")
    apart = ".".join(parts[:2])
    place = apart if apart in WAY else parts[0]
    return WAY.index(place) if place in WAY else None


def arrows_back(found: list[Import]) -> list[str]:
    back = []
    for each in found:
        source, target = place_of(each.module), place_of(each.target.removeprefix("pcapdiag."))
        if not each.target.startswith("pcapdiag.") or source is None or target is None:
            continue
        if target > source:
            back.append(f"{each.module}:{each.line} imports {each.target}")
    return back


def test_no_arrow_points_back() -> None:
    assert arrows_back(ALL) == []


def test_an_arrow_back_is_noticed() -> None:
    assert arrows_back([Import("flows.table", 1, "pcapdiag.report.model.Flow", True, False)])
    assert arrows_back([Import("rules.load", 1, "pcapdiag.report.text.render", True, False)])
    assert not arrows_back([Import("rules.load", 1, "pcapdiag.report.model.Flow", True, False)])


@pytest.mark.parametrize(("library", "room"), ONLY_IN.items())
def test_a_library_stays_in_its_room(library: str, room: str) -> None:
    users = {f.module for f in ALL if f.target.split(".")[0] == library}
    assert [module for module in sorted(users) if room_of(module) != room] == []


def test_heavy_libraries_are_imported_late() -> None:
    early = [
        f"{f.module}:{f.line} imports {f.target}"
        for f in ALL
        if f.target.split(".")[0] in HEAVY and not (f.lazy or f.typing)
    ]
    assert early == []


def test_only_the_command_line_prints() -> None:
    printing = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and ast.unparse(node.func) in {"print", "sys.stdout.write"}
    ]
    assert [where for where in printing if room_of(where.split(":")[0]) != "cli"] == []


def test_errors_are_named_when_caught() -> None:
    broad = [
        f"{name_of(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or ast.unparse(node.type) in {"Exception", "BaseException"})
    ]
    assert broad == []


def test_no_room_without_a_purpose() -> None:
    vague = {"utils", "util", "helpers", "common", "manager", "misc"}
    assert [name_of(path) for path in modules() if path.stem in vague] == []


def test_imports_have_no_circle() -> None:
    """At load time; what a function imports when it is called may close a circle."""
    names = {name_of(path).removesuffix(".__init__") for path in modules()}
    edges: dict[str, set[str]] = {name: set() for name in names}
    for found in ALL:
        if found.lazy or found.typing or not found.target.startswith("pcapdiag."):
            continue
        target = found.target.removeprefix("pcapdiag.")
        target = target if target in names else target.rpartition(".")[0]
        module = found.module.removesuffix(".__init__")
        # A room's __init__ gathers its modules; they may still take its name for each other.
        if target in names and not found.module.endswith("__init__"):
            edges[module].add(target)
    assert list(circle(edges)) == []


def circle(edges: dict[str, set[str]]) -> tuple[str, ...]:
    """Return one circle of imports, or nothing."""
    done: set[str] = set()

    def walk(name: str, path: tuple[str, ...]) -> tuple[str, ...]:
        if name in path:
            return path[path.index(name) :]
        if name in done:
            return ()
        for target in sorted(edges[name]):
            if found := walk(target, (*path, name)):
                return found
        done.add(name)
        return ()

    return next((found for name in sorted(edges) if (found := walk(name, ()))), ())


def test_a_circle_is_noticed() -> None:
    assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ("b", "c")


def expected_test(path: Path) -> Path:
    place = path.relative_to(PACKAGE)
    return ROOT / "tests" / place.parent / f"test_{place.name}"


def test_every_module_has_its_test() -> None:
    tested = [path for path in modules() if path.stem not in {"__init__", "__main__"}]
    missing = {name_of(path) for path in tested if not expected_test(path).exists()}
    assert missing - WITHOUT_TEST.keys() == set()
    assert WITHOUT_TEST.keys() - missing == set(), "these have a test now, or are gone"


def test_the_way_is_the_design_s() -> None:
    """The rooms named in docs/design.md section 4 are in this order there too."""
    layout = (ROOT / "docs" / "design.md").read_text(encoding="utf-8").split("## 4. Layout")[1]
    rooms = [room for room in WAY if f"\n      {room}/" in layout and room not in {"cli"}]
    places = [layout.index(f"\n      {room}/") for room in rooms]
    assert len(rooms) > 8
    assert all(first < second for first, second in pairwise(places))
