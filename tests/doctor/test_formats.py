"""Diagnoses as text and JSON: the same facts, safe whatever the file says."""

import json
from dataclasses import replace

from pcapdiag.doctor import FORMATS, Complaint, Diagnosis
from pcapdiag.read import Account, Interface, Part
from pcapdiag.report.model import Limit

HOSTILE = "\x1b[2J<script>\n"
ONE = Diagnosis(
    name="/some/where/x.pcap",
    size=1234,
    account=Account("pcap", "Nokia IPSO", "2.4", "big endian", packets=3, bytes=300),
    interfaces=(Interface(1, 96, HOSTILE, filter=HOSTILE), Interface(147, 0, fcs_bits=32)),
    flows=1,
    undecoded={"udp": 2},
    complaints=(
        Complaint("Something is wrong.", "Do this.", True, 77, 3),
        Complaint("Something is odd.", "", False),
    ),
    limits=(Limit("capture-damaged", HOSTILE),),
)


def test_text_says_what_is_wrong_first() -> None:
    shown = FORMATS["text"]([ONE])
    lines = shown.splitlines()
    assert lines[0] == "x.pcap: 1 thing is wrong"
    assert "  format     pcap, 2.4, Nokia IPSO, big endian" in lines
    assert "  interface  link type 147, whole packets, 32 bits of check sequence" in lines
    assert "  decoded    1 TCP connection; 2 packets udp" in lines
    wrong = lines.index("WRONG")
    assert lines[wrong + 1 : wrong + 3] == [
        "  Something is wrong. (offset 77, frame 3)",
        "    Do this.",
    ]
    assert lines.index("TO KNOW") > wrong
    assert "/some/where" not in shown


def test_what_the_file_says_is_made_safe() -> None:
    for render in FORMATS.values():
        assert "\x1b" not in render([ONE])
        assert "\x1b" not in repr(json.loads(FORMATS["json"]([ONE])))


def test_json_has_it_all_and_null_for_unknown() -> None:
    said = json.loads(FORMATS["json"]([ONE, replace(ONE, complaints=())]))
    assert said["schema"] == "pcapdiag.doctor/1"
    first, second = said["files"]
    assert (first["wrong"], second["wrong"]) == (True, False)
    assert first["complaints"][0]["offset"] == 77
    assert first["complaints"][1] == {
        "what": "Something is odd.", "now": None, "wrong": False, "offset": None, "frame": None,
    }  # fmt: skip
    assert (first["drops"], first["first"], first["interfaces"][1]["snaplen"]) == (None, None, None)
    assert first["undecoded"] == {"udp": 2}


def test_many_interfaces_are_counted_in_text() -> None:
    many = replace(ONE, interfaces=(Interface(1, 0),) * 5000)
    shown = FORMATS["text"]([many])
    assert "and 4980 more" in shown
    assert len(shown.splitlines()) < 60


def test_the_files_of_a_ring_buffer_are_listed() -> None:
    parts = [Part("/far/x.pcap0", 0, 0, "aa"), Part("/far/x.pcap1", 7, 99, "bb")]
    ring = replace(ONE, account=Account("pcap", parts=parts))
    assert "  file       x.pcap1, from frame 8 on" in FORMATS["text"]([ring]).splitlines()
    said = json.loads(FORMATS["json"]([ring]))["files"][0]
    assert said["parts"][1] == {"file": "x.pcap1", "sha256": "bb", "first_frame": 8}
