"""Words for packets that hold no TCP we could reach."""

from pcapdiag.layers import reasons


def test_words() -> None:
    assert reasons.words(0x88CC) == "ethertype 0x88cc"
    assert reasons.words(reasons.LINK_TYPES + 105) == "link type 105"
    assert reasons.words(reasons.PROTOCOLS + 17) == "udp"
    assert reasons.words(reasons.PROTOCOLS + 200) == "ip protocol 200"
    assert reasons.words(reasons.SAPS + 0x42) == "llc sap 0x42"
    assert reasons.words(reasons.FRAGMENT) == "fragment"


def test_every_number_has_its_own_words() -> None:
    named = [reasons.words(number) for number in range(reasons.COUNT)]
    assert len(set(named)) == reasons.COUNT
