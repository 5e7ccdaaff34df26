"""Small servers for the laboratory: SMTP (RFC 5321), HTTP/1.1 (RFC 9112), and some that do it badly.

Run in a host's namespace as ``python -m tests.lab.servers NAME 25=smtp 80=http``; prints ``ready``,
then one JSON line a connection: who came, from where, and the token the client named itself by.
"""

import asyncio
import json
import socket
import struct
import sys
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, Final

PATIENCE_S: Final = 30.0
"""A client that says nothing for so long is let go."""

Talk = Callable[[asyncio.StreamReader, asyncio.StreamWriter, str], Awaitable[list[str]]]


async def smtp(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> list[str]:
    """Take one mail; the token is the name in EHLO."""
    tokens = []
    writer.write(f"220 {name}.example ESMTP ready\r\n".encode())
    while line := await asyncio.wait_for(reader.readline(), PATIENCE_S):
        words = line.decode("ascii", "replace").split()
        verb = words[0].upper() if words else ""
        if verb == "EHLO":
            tokens.append(words[1])
            writer.write(f"250-{name}.example greets {words[1]}\r\n250 SIZE 1000000\r\n".encode())
        elif verb in ("MAIL", "RCPT"):
            writer.write(b"250 2.1.0 ok\r\n")
        elif verb == "DATA":
            writer.write(b"354 go ahead\r\n")
            await asyncio.wait_for(reader.readuntil(b"\r\n.\r\n"), PATIENCE_S)
            writer.write(b"250 2.0.0 queued\r\n")
        elif verb == "QUIT":
            writer.write(b"221 2.0.0 bye\r\n")
            break
        else:
            writer.write(b"500 5.5.1 what?\r\n")
    return tokens


async def closed(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str
) -> list[str]:
    """Greet as a mail server that takes no mail, and leave."""
    writer.write(f"554 {name}.example takes no mail\r\n".encode())
    return []


async def http(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    name: str,
    status: str = "200 OK",
    share: float = 1.0,
) -> list[str]:
    """Answer ``GET /<token>/<bytes>`` with so many bytes, as often as asked.

    `share` below 1: so much of them, before it closes.
    """
    tokens = []
    while line := await asyncio.wait_for(reader.readline(), PATIENCE_S):
        if not line.startswith(b"GET /"):
            writer.write(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")
            break
        parts = line.decode("ascii", "replace").split()[1].strip("/").split("/")
        closing = False
        while (header := await asyncio.wait_for(reader.readline(), PATIENCE_S)).strip():
            closing |= header.lower().startswith(b"connection: close")
        tokens.append(parts[0])
        body = b"%08d\n" * (int(parts[1]) // 9)
        head = f"HTTP/1.1 {status}\r\nServer: {name}\r\nContent-Length: {len(body)}\r\n\r\n"
        writer.write(head.encode() + body[: int(len(body) * share)])
        await asyncio.wait_for(writer.drain(), PATIENCE_S)
        if closing or share < 1:
            break
    return tokens


async def crash(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, name: str) -> list[str]:
    """Take an HTTP request and reset the connection instead of answering, as a dying process does."""
    line = await asyncio.wait_for(reader.readline(), PATIENCE_S)
    # Closing with no time to linger sends RST (socket(7), SO_LINGER).
    connection = writer.get_extra_info("socket")
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()
    return line.decode("ascii", "replace").split()[1].strip("/").split("/")[:1]


KINDS: Final[dict[str, Talk]] = {
    "smtp": smtp,
    "closed": closed,
    "http": http,
    "error": partial(http, status="500 Internal Server Error"),
    "cut": partial(http, share=0.5),
    "crash": crash,
}


def _text(endpoint: tuple[Any, ...]) -> str:
    return (
        f"[{endpoint[0]}]:{endpoint[1]}" if ":" in endpoint[0] else f"{endpoint[0]}:{endpoint[1]}"
    )


async def serve(name: str, ports: dict[int, Talk]) -> None:
    """Listen on every address, both families where the host has both, until ended from outside."""

    async def handle(
        talk: Talk, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        tokens: list[str] = []
        try:
            tokens = await talk(reader, writer, name)
            await writer.drain()
        except (OSError, TimeoutError, asyncio.IncompleteReadError):
            pass  # The client or the network went away: what the scenario is about.
        finally:
            peer, here = (_text(writer.get_extra_info(w)) for w in ("peername", "sockname"))
            print(json.dumps({"src": peer, "dst": here, "tokens": tokens}), flush=True)
            writer.close()

    listeners = []
    for port, talk in ports.items():

        def start(
            reader: asyncio.StreamReader, writer: asyncio.StreamWriter, talk: Talk = talk
        ) -> Awaitable[None]:
            return handle(talk, reader, writer)

        listeners.append(await asyncio.start_server(start, None, port))
    print("ready", flush=True)
    await asyncio.gather(*(listener.serve_forever() for listener in listeners))


if __name__ == "__main__":
    asyncio.run(
        serve(sys.argv[1], {int(p): KINDS[k] for p, k in (a.split("=") for a in sys.argv[2:])})
    )
