"""A big balancer capture with truth, for measuring: front and back legs of proxied dialogues.

`python tests/bench/generate.py [--packets N] [--sessions N] FILE.pcap` writes an Ethernet pcap
(draft-ietf-opsawg-pcap) and beside it FILE.json, the truth in the samples' format.  The addresses
are those set aside for benchmarks (RFC 2544) and documentation (RFC 5737).  Same numbers, same bytes.
"""

import argparse
import ipaddress
import json
import sys
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.bench import dialogue

PACKETS: Final = 1_100_000
SESSIONS: Final = 20_000
OUT: Final = Path(__file__).with_name("out")

START_NS: Final = 1_700_000_000_000_000_000
SPREAD_S: Final = 600.0
FAILING: Final = 0.01
SHARES: Final = (0.04,) * 5 + (0.16,) * 5
"""How common each kind of dialogue is: five of mail, five of pages."""
RETRANSMITTED: Final = 0.004
"""Share of the data segments that are sent a second time."""

VIPS: Final = (("203.0.113.10", 25), ("203.0.113.11", 80))
SERVERS: Final = tuple(f"10.20.0.{host}" for host in range(74, 82))
DEAD_SERVER: Final = 7
BALANCER: Final = "10.20.0.2"
CLIENTS: Final = 2_000
GATEWAY_MAC, BALANCER_MAC, SERVER_MAC = (
    0x02_00_5E_00_00_01,
    0x02_00_5E_00_00_02,
    0x02_00_5E_00_01_00,
)
RECORD, ETHERNET, IP, TCP, OPTIONS, SYN_OPTIONS = 16, 14, 20, 20, 12, 20
CHUNK: Final = 100_000
"""Packets made at once, which bounds the memory."""


def big_endian(values: NDArray[Any], width: int) -> NDArray[np.uint8]:
    """Return uint8[n, width]: each value's last `width` bytes, most significant first."""
    wide = np.ascontiguousarray(values, dtype=">u8").view(np.uint8).reshape(-1, 8)
    return wide[:, 8 - width :]


def timetables(growth: float) -> list[NDArray[Any]]:
    """Return the kinds of dialogue, the last one failing; bodies are `growth` times their usual size."""
    mails = [dialogue.mail(int(size * growth)) for size in (700, 2_400, 9_000, 14_000, 40_000)]
    pages = [
        dialogue.page(420, tuple(int(size * growth) for size in sizes))
        for sizes in ((900,), (12_000,), (6_000, 14_000), (45_000,), (3_000, 8_000, 20_000))
    ]
    return [*mails, *pages, dialogue.refused()]


def choose_growth(packets_a_session: float) -> float:
    """Find the body size at which dialogues have that many packets on average, by bisection."""
    low, high = 0.05, 400.0
    for _ in range(30):
        middle = (low + high) / 2
        mean = float(np.average([len(table) for table in timetables(middle)[:-1]], weights=SHARES))
        low, high = (middle, high) if mean < packets_a_session else (low, middle)
    return low


class Plan:
    """Every session's end points and every packet's place; arrays indexed by session and by packet."""

    def __init__(self, packets: int, sessions: int) -> None:
        dice = np.random.default_rng(2)
        tables = timetables(choose_growth(packets / sessions))
        failing = dice.random(sessions) < FAILING
        self.kind = np.where(failing, len(tables) - 1, dice.choice(len(SHARES), sessions, p=SHARES))
        self.service = np.where(failing, np.arange(sessions) % 2, (self.kind >= 5).astype(np.int64))
        self.server = np.where(failing, DEAD_SERVER, dice.integers(0, len(SERVERS) - 1, sessions))
        self.client = dice.integers(0, CLIENTS, sessions)
        # A client's ports rise as most systems let them, so no end points come twice.
        order = np.argsort(self.client, kind="stable")
        rank = np.arange(sessions) - np.searchsorted(self.client[order], self.client[order])
        self.client_port = np.empty(sessions, np.int64)
        self.client_port[order] = 32_768 + rank
        self.balancer_port = 20_000 + np.arange(sessions) % 45_000
        self.isn = dice.integers(0, 2**32, (sessions, 2, 2))
        self._place(tables, dice)

    def _place(self, tables: list[NDArray[Any]], dice: np.random.Generator) -> None:
        sessions = len(self.kind)
        starts = np.sort(dice.random(sessions)) * SPREAD_S * 1e9
        pace = dice.uniform(0.7, 1.8, sessions)
        lengths = np.array([len(table) for table in tables])
        bases = np.concatenate(([0], np.cumsum(lengths)[:-1]))
        counts = lengths[self.kind]
        session = np.repeat(np.arange(sessions), counts)
        within = np.arange(len(session)) - np.repeat(np.cumsum(counts) - counts, counts)
        steps = np.concatenate(tables)[np.repeat(bases[self.kind], counts) + within]
        time = START_NS + (starts[session] + steps["time_us"] * 1_000 * pace[session]).astype(
            np.int64
        )
        # Only where the session goes on long enough for a time-out, else the copy trails the close.
        last = START_NS + (
            starts + np.array([table["time_us"][-1] for table in tables])[self.kind] * 1_000 * pace
        ).astype(np.int64)
        again = (steps["length"] > 0) & (last[session] - time > 240_000_000)
        again &= dice.random(len(steps)) < RETRANSMITTED
        rows = np.concatenate((np.arange(len(steps)), np.flatnonzero(again)))
        time = np.concatenate((time, time[again] + 205_000_000))
        order = np.argsort(time, kind="stable")
        self.time_ns, rows = time[order], rows[order]
        self.session, self.step = session[rows], steps[rows]

    def heads(self) -> list[list[bytes]]:
        """Return the first bytes of each session's two streams, unlike any other session's."""
        requests = (b"EHLO host-%d.example\r\n", b"GET /item/%d HTTP/1.1\r\nHost: shop.example\r\n")
        replies = (b"220 mx.example ESMTP %d ready\r\n", b"HTTP/1.1 200 OK\r\nETag: %d\r\n\r\n")
        pairs = enumerate(self.service.tolist())
        return [
            [requests[service] % number, replies[service] % number] for number, service in pairs
        ]


def write(plan: Plan, out: BinaryIO) -> None:
    """Write the capture, some hundred thousand packets at a time."""
    out.write(np.array([0xA1B2C3D4, 0x00040002, 0, 0, 262_144, 1], "<u4").tobytes())
    text = np.random.default_rng(3).integers(32, 127, 4 << 20, dtype=np.uint8).tobytes()
    heads = plan.heads()
    for first in range(0, len(plan.step), CHUNK):
        out.write(_chunk(plan, slice(first, first + CHUNK), text, heads))


def _chunk(plan: Plan, rows: slice, text: bytes, heads: list[list[bytes]]) -> bytes:
    step, session = plan.step[rows], plan.session[rows]
    syn = (step["flags"] & dialogue.SYN) > 0
    tcp = TCP + np.where(syn, SYN_OPTIONS, OPTIONS)
    header = RECORD + ETHERNET + IP + tcp
    size = header + step["length"]
    offset = np.cumsum(size) - size
    data = np.zeros(int(size.sum()), np.uint8)
    for group in (syn, ~syn):
        if group.any():
            block = _headers(plan, rows, group)
            data[offset[group][:, None] + np.arange(block.shape[1])] = block
    buffer = data.data
    chosen = np.flatnonzero(step["length"])
    begins = (offset + header)[chosen].tolist()
    # Payload starts at sequence number 1: the SYN took 0.
    columns = (session, step["direction"], step["seq"] - 1, step["length"])
    for begin, number, direction, seq, length in zip(
        begins, *(column[chosen].tolist() for column in columns), strict=True
    ):
        head = heads[number][direction][seq : seq + length]
        at = number * 97 + direction * 31 + seq
        source = (at + len(head)) % (len(text) - 2_048)
        buffer[begin : begin + length] = head + text[source : source + length - len(head)]
    return data.tobytes()


def _headers(plan: Plan, rows: slice, group: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Return uint8[packets of the group, bytes of record, Ethernet, IP and TCP header]."""
    step, session, time = (
        plan.step[rows][group],
        plan.session[rows][group],
        plan.time_ns[rows][group],
    )
    with_syn = bool(step["flags"][0] & dialogue.SYN)
    tcp = TCP + (SYN_OPTIONS if with_syn else OPTIONS)
    total = IP + tcp + step["length"]
    out = np.zeros((len(step), RECORD + ETHERNET + IP + tcp), np.uint8)
    record = np.stack((time // 10**9, time % 10**9 // 1_000, total + ETHERNET, total + ETHERNET), 1)
    out[:, :RECORD] = record.astype("<u4").view(np.uint8).reshape(-1, RECORD)
    macs, addresses, ports = _end_points(plan, step, session)
    at = RECORD
    out[:, at : at + 6] = big_endian(macs[1], 6)
    out[:, at + 6 : at + 12] = big_endian(macs[0], 6)
    out[:, at + 12 : at + 14] = (0x08, 0x00)
    at += ETHERNET
    out[:, at] = 0x45
    out[:, at + 2 : at + 4] = big_endian(total, 2)
    out[:, at + 4 : at + 6] = big_endian(np.arange(len(step)) * 7 + session, 2)
    out[:, at + 6] = 0x40
    out[:, at + 8] = np.where((step["leg"] == 0) & (step["direction"] == 0), 57, 64)
    out[:, at + 9] = 6
    out[:, at + 12 : at + 16] = big_endian(addresses[0], 4)
    out[:, at + 16 : at + 20] = big_endian(addresses[1], 4)
    words = out[:, at : at + IP].reshape(-1, 10, 2).astype(np.int64)
    total_sum = (words[:, :, 0] << 8 | words[:, :, 1]).sum(1)
    total_sum = (total_sum & 0xFFFF) + (total_sum >> 16)
    out[:, at + 10 : at + 12] = big_endian(~((total_sum & 0xFFFF) + (total_sum >> 16)) & 0xFFFF, 2)
    at += IP
    own = plan.isn[session, step["leg"], step["direction"]]
    other = plan.isn[session, step["leg"], 1 - step["direction"]]
    out[:, at : at + 2] = big_endian(ports[0], 2)
    out[:, at + 2 : at + 4] = big_endian(ports[1], 2)
    out[:, at + 4 : at + 8] = big_endian(own + step["seq"] & 0xFFFFFFFF, 4)
    acked = np.where(step["ack"] < 0, 0, other + step["ack"] & 0xFFFFFFFF)
    out[:, at + 8 : at + 12] = big_endian(acked, 4)
    out[:, at + 12] = tcp // 4 << 4
    out[:, at + 13] = step["flags"]
    out[:, at + 14 : at + 16] = (0xFA, 0xF0) if with_syn else (0x08, 0x02)
    at += TCP
    clock = time // 10**6 + session * 1_000 & 0xFFFFFFFF
    if with_syn:
        # MSS 1460, SACK permitted, timestamps, NOP, window scale 7
        out[:, at : at + 8] = (2, 4, 0x05, 0xB4, 4, 2, 8, 10)
        out[:, at + 8 : at + 12] = big_endian(clock, 4)
        out[:, at + 16 : at + 20] = (1, 3, 3, 7)
    else:
        out[:, at : at + 4] = (1, 1, 8, 10)
        out[:, at + 4 : at + 8] = big_endian(clock, 4)
        out[:, at + 8 : at + 12] = big_endian(clock - 8, 4)
    return out


def _end_points(
    plan: Plan, step: NDArray[Any], session: NDArray[Any]
) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """MACs, addresses and ports, each [2, packets]: source and destination as sent."""
    front = step["leg"] == dialogue.FRONT
    service, server, client = plan.service[session], plan.server[session], plan.client[session]
    vips = np.array([int(ipaddress.ip_address(address)) for address, _ in VIPS])
    servers = np.array([int(ipaddress.ip_address(address)) for address in SERVERS])
    port = np.array([port for _, port in VIPS])[service]
    base = int(ipaddress.ip_address("198.18.0.1"))
    macs = np.stack(
        (
            np.where(front, GATEWAY_MAC, BALANCER_MAC),
            np.where(front, BALANCER_MAC, SERVER_MAC + server),
        )
    )
    addresses = np.stack(
        (
            np.where(front, base + client, int(ipaddress.ip_address(BALANCER))),
            np.where(front, vips[service], servers[server]),
        )
    )
    source_port = np.where(front, plan.client_port[session], plan.balancer_port[session])
    ports = np.stack((source_port, port))
    to_initiator = step["direction"] == 1
    turned = (np.where(to_initiator, pair[::-1], pair) for pair in (macs, addresses, ports))
    return tuple(turned)  # type: ignore[return-value]


def truth(plan: Plan, capture: str) -> dict[str, Any]:
    """Return what really happens, in the format of the samples' truth files."""
    base = ipaddress.ip_address("198.18.0.1")
    rows = zip(
        plan.client.tolist(), plan.client_port.tolist(), plan.service.tolist(), plan.server.tolist(),
        plan.balancer_port.tolist(), strict=True,
    )  # fmt: skip
    return {
        "scenario": "bench",
        "captures": [{"file": capture, "point": "balancer"}],
        "expected": {"verdict": "server-port-closed", "must_not": []},
        "connections": [
            {
                "front": {
                    "src": f"{base + client}:{client_port}",
                    "dst": "{}:{}".format(*VIPS[service]),
                },
                "backs": [
                    {
                        "src": f"{BALANCER}:{balancer_port}",
                        "dst": f"{SERVERS[server]}:{VIPS[service][1]}",
                    }
                ],
                "mode": "snat",
                "outcome": "failed" if server == DEAD_SERVER else "ok",
            }
            for client, client_port, service, server, balancer_port in rows
        ],
    }


def generate(path: Path, packets: int = PACKETS, sessions: int = SESSIONS) -> int:
    """Write the capture and its truth; returns the number of packets."""
    path.parent.mkdir(parents=True, exist_ok=True)
    plan = Plan(packets, sessions)
    with path.open("wb") as out:
        write(plan, out)
    document = json.dumps(truth(plan, path.name), indent=0)
    path.with_suffix(".json").write_text(document, encoding="utf-8")
    return len(plan.step)


def main() -> None:
    """Read the options and write the capture."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("file", nargs="?", type=Path, default=OUT / "bench.pcap")
    parser.add_argument("--packets", type=int, default=PACKETS)
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    options = parser.parse_args()
    count = generate(options.file, options.packets, options.sessions)
    print(f"{options.file}: {count} packets, {options.file.stat().st_size} bytes")


if __name__ == "__main__":
    main()
