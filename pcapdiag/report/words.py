"""Words and numbers for people: times, sizes, plurals, and text from the wire made harmless.

Which characters can hide or reorder text: Unicode UAX 9 (bidirectional controls), ECMA-48 (C0, C1).
"""

import re
from collections.abc import Collection, Iterator
from typing import Final

CERTAINTY: Final = {
    "proved": "The frames leave no other explanation.",
    "likely": "The frames fit this and speak against its look-alikes, but do not prove it.",
    "possible": "The frames fit this, but other causes would look the same.",
}
"""What each certainty means, as a sentence."""

SEVERITY: Final = {
    "error": "users notice",
    "warning": "users may notice",
    "note": "worth knowing",
}

PRODUCTS: Final = {
    "any": "Any product",
    "kemp": "Kemp LoadMaster",
    "f5": "F5 BIG-IP",
    "haproxy": "HAProxy",
    "netscaler": "NetScaler",
    "nginx": "NGINX",
    "ipvs": "Linux IPVS",
    "cloud": "Cloud balancers",
    "aws": "AWS",
    "azure": "Azure",
    "gcp": "Google Cloud",
}
"""Names of the products that fixes are for; others are shown by their id."""

# Controls, line and paragraph separators, soft hyphen, zero-width and bidirectional characters,
# tags, variation selectors, byte-order mark, interlinear marks, lone surrogates (undecodable file names).
_HIDDEN: Final = re.compile(
    "[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f"
    "\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    "\U000e0000-\U000e0fff]"
)
_CODE: Final = re.compile(r"`([^`]+)`")
_MOMENT: Final = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")


def safe(text: object, limit: int = 2000) -> str:
    r"""Return text with every hidden character written out as ``\xNN`` or ``\uNNNN``.

    The result is one line of at most `limit` characters ("..." marks a cut).  Markup of the output
    format is the format's own business.
    """
    line = str(text)
    # Cut before and after: one hidden character becomes up to ten, a hostile text may be huge.
    line = _HIDDEN.sub(_visible, line[: limit + 1])
    return line if len(line) <= limit else line[: max(0, limit - 3)] + "..."


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    if code < 0x100:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def paragraphs(text: str) -> list[str]:
    """Split a rule's text at blank lines; each paragraph is one safe line, empty ones are left out."""
    blocks = re.split(r"\n[ \t\r]*\n", text.strip())
    return [safe(" ".join(block.split())) for block in blocks if block.strip()]


def spans(text: str) -> Iterator[tuple[bool, str]]:
    """Cut a line at `code` between backticks: (is code, text), without the backticks."""
    at = 0
    for match in _CODE.finditer(text):
        if match.start() > at:
            yield False, text[at : match.start()]
        yield True, match[1]
        at = match.end()
    if at < len(text):
        yield False, text[at:]


def meant(word: str, known: Collection[str]) -> str:
    """Return ``; did you mean ...?`` when a known word is close or begins with this one, else nothing."""
    from difflib import get_close_matches

    names = sorted(known)
    begun = [name for name in names if word and name.startswith(word)]
    close = get_close_matches(word, names, 1) or begun
    return f"; did you mean '{close[0]}'?" if close else ""


def shorten(text: str, width: int) -> str:
    """Cut to at most `width` characters, the cut marked with two dots."""
    return text if len(text) <= width else text[: max(0, width - 2)] + ".."[: max(0, width)]


def number(value: int) -> str:
    """Write an integer with its digits in groups of three: ``12,345``; below 10000 without."""
    return str(value) if -10000 < value < 10000 else f"{value:,}"


def plural(value: int, one: str, many: str = "") -> str:
    """Count things: ``1 session``, ``2 sessions``; `many` where adding an s would be wrong."""
    return f"{number(value)} {one if value == 1 else many or one + 's'}"


def duration(ns: int | None) -> str:
    """Write nanoseconds with the digits that matter: ``0.026 ms``, ``312 ms``, ``1.0 s``, ``2 min 5 s``.

    None becomes ``-``.
    """
    if ns is None:
        return "-"
    if ns < 0:
        return "-" + duration(-ns)
    if ns == 0:
        return "0 s"
    # Each limit lies where rounding would reach the next unit.
    if ns < 999_500:
        return f"{ns / 1e6:.3f} ms"
    if ns < 9_950_000:
        return f"{ns / 1e6:.1f} ms"
    if ns < 999_500_000:
        return f"{ns / 1e6:.0f} ms"
    if ns < 119_950_000_000:
        return f"{ns / 1e9:.1f} s"
    seconds = (ns + 500_000_000) // 1_000_000_000
    if seconds < 7200:
        return f"{seconds // 60} min {seconds % 60} s"
    return f"{seconds // 3600} h {seconds % 3600 // 60} min"


def size(count: int) -> str:
    """Write a number of bytes: ``512 bytes``, ``68 kB``, ``1.2 MB`` (powers of 1000)."""
    if count < 10_000:
        return plural(count, "byte")
    value, unit = count / 1000, "kB"
    for larger in ("MB", "GB", "TB"):
        if value >= 999.5:
            value, unit = value / 1000, larger
    return f"{value:.1f} {unit}" if value < 9.95 else f"{value:.0f} {unit}"


def moment(text: str | None) -> str:
    """Write an RFC 3339 time as ``2026-11-23 00:43:03.123 UTC``; None becomes ``not known``."""
    if text is None:
        return "not known"
    match = _MOMENT.fullmatch(text)
    if match is None:
        return safe(text, 60)
    fraction = (match[3] or "").ljust(3, "0")[:3]
    return f"{match[1]} {match[2]}.{fraction} UTC"


def period(first: str | None, last: str | None) -> str:
    """Write a time range; the second day is left out when it is the first."""
    start, end = moment(first), moment(last)
    if first is last is None:
        return start
    if first is None or last is None or start[:11] != end[:11]:
        return f"{start} to {end}"
    return f"{start.removesuffix(' UTC')} to {end[11:]}"


def endpoint(address: str, port: int | None) -> str:
    """Write address:port; IPv6 addresses with a port go in brackets (RFC 5952 6)."""
    clean = safe(address, 60)
    if port is None:
        return clean
    return f"[{clean}]:{port}" if ":" in clean else f"{clean}:{port}"


def connection_filter(
    source: str, source_port: int, destination: str, destination_port: int
) -> str:
    """Return Wireshark's display filter for the packets between two ends, both ways."""
    family = "ipv6" if ":" in source else "ip"
    return (
        f"{family}.addr == {source} && {family}.addr == {destination} && "
        f"tcp.port == {source_port} && tcp.port == {destination_port}"
    )


def product(name: str) -> str:
    """Name a product for people."""
    return PRODUCTS.get(name) or safe(name, 60)
