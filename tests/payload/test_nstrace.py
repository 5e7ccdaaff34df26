"""What a NetScaler tells of frames: as tshark reads it, in every version, and of damaged headers nothing."""

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from pcapdiag.payload.nstrace import Place, place_of
from tests.layers.frames import PACKET
from tests.read import forge_nstrace as forge

FIELDS = {
    "nicno": "nic", "pdevno": "pcb", "l_pdevno": "linked_pcb", "vlan": "vlan", "coreid": "core",
    "snode": "source_node", "dnode": "destination_node", "flags": "cluster_flags",
    "cluster.snode": "source_node", "cluster.dnode": "destination_node",
    "cluster.flags": "cluster_flags",
    "src_vm": "source_machine", "dst_vm": "destination_machine",
    "vmnames.srcvmname": "source_machine", "vmnames.dstvmnames": "destination_machine", "err": "error",
}  # fmt: skip
"""tshark's names -> ours."""

names = st.text("abc.-", max_size=9).map(str.encode)
tolds = st.builds(
    forge.Told,
    operation=st.integers(0, 2),
    nic=st.integers(0, 255),
    pcb=st.integers(0, 2**32 - 1),
    linked=st.integers(0, 2**32 - 1),
    vlan=st.integers(0, 4095),
    core=st.integers(0, 65535),
    nodes=st.tuples(st.integers(0, 99), st.integers(0, 99)),
    flags=st.integers(0, 31),
    names=st.tuples(names, names),
    error=st.integers(0, 5),
)


def by_tshark(path: Path) -> list[dict[str, object]]:
    """Return what tshark tells of each frame, by our names."""
    command = ["tshark", "-n", "-r", str(path), "-T", "fields", "-e", "nstrace.dir"]
    for field in FIELDS:
        command += ["-e", f"nstrace.{field}"]
    ran = subprocess.run(command, capture_output=True, text=True, check=True)
    found = []
    for line in ran.stdout.split("\n")[:-1]:
        operation, *values = line.split("\t")
        told: dict[str, object] = {"operation": int(operation, 16) & 3}
        for name, value in zip(FIELDS.values(), values, strict=True):
            if value:
                told[name] = value if name.endswith("machine") else int(value, 0)
        found.append(told)
    return found


@pytest.mark.tshark
@limits(deadline=None, max_examples=15)
@given(revision=st.sampled_from(forge.REVISIONS), told=st.lists(tolds, min_size=1, max_size=20))
def test_fields_are_those_of_tshark(
    tmp_path_factory: pytest.TempPathFactory, revision: int, told: list[forge.Told]
) -> None:
    if shutil.which("tshark") is None:
        pytest.skip("tshark is not installed")
    trace = forge.Trace(revision)
    for each in told:
        trace.packet(PACKET, 9, each, 200 if revision == 23 else -1)
    path = tmp_path_factory.mktemp("trace") / "x.cap"
    path.write_bytes(trace.padded)
    release = forge.release_of(revision)
    for seen, theirs in zip(trace.packets, by_tshark(path), strict=True):
        place = place_of(release, seen.captured)
        assert place is not None
        ours = {name: getattr(place, name) for name in FIELDS.values()}
        known = {name: value for name, value in ours.items() if value not in (-1, "")}
        known["operation"] = ("tx", "txb", "rx", "new-rx").index(place.operation)
        # tshark 4.0 shows no NIC of version 1.0: the field is wider than it believes.
        if revision == 10:
            theirs.pop("nic", None)
            known.pop("nic")
        assert known == theirs


def test_what_each_revision_tells() -> None:
    told = forge.Told(3, 7, 5, 6, 100, 2, (1, 4), 3, (b"web", b"db"), 0, 4)
    whole = Place("new-rx", 7, 5, 6, 100, 2, 1, 4, 3, "web", "db", 4)
    for revision, place in [
        (24, Place("new-rx", 7, 5, 6, 100, 2, 1, 4, 3)),
        (26, Place("new-rx", 7, 5, 6, 100, 2, 1, 4, 3, "web", "db")),
        (30, Place("new-rx", 7, 5, 6, 100, 2, 1, 4, 3, "web", "db")),
        (35, whole),
    ]:
        record = forge.packet(revision, PACKET, 0, 0, told)
        assert place_of(forge.release_of(revision), record) == place
        assert place.is_received


@limits(deadline=None)
@given(revision=st.sampled_from(forge.REVISIONS), told=tolds, data=st.data())
def test_damage_is_no_traceback(revision: int, told: forge.Told, data: st.DataObject) -> None:
    record = bytearray(forge.packet(revision, PACKET, 0, 0, told))
    for _ in range(3):
        record[data.draw(st.integers(0, 60))] = data.draw(st.integers(0, 255))
    place_of(forge.release_of(revision), bytes(record[: data.draw(st.integers(0, len(record)))]))
    assert place_of(forge.release_of(revision), b"") is None
