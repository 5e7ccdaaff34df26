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


def test_only_headers_that_could_not_be_read_are_unreadable() -> None:
    unreadable = {
        reasons.words(number)
        for number in (
            *range(reasons.PPP_PROTOCOLS + 0x10000, reasons.COUNT),
            reasons.LINK_TYPES + 9,
        )
        if reasons.is_unreadable(reasons.words(number))
    }
    assert {"ipv4 truncated", "tunnel header malformed", "link type 9"} <= unreadable
    told = ("truncated", "malformed", "link type", "nested too deep")
    assert all(any(word in words for word in told) for words in unreadable)
    assert not reasons.is_unreadable(reasons.words(reasons.ENCRYPTED))


def test_numbers_and_words_are_in_one_order() -> None:
    for name, number in vars(reasons).items():
        if name.endswith("_TRUNCATED") and name != "LINK_TRUNCATED":
            words = f"{name.removesuffix('_TRUNCATED').lower()} truncated"
            assert reasons.words(number).replace(" header", "") == words
    assert reasons.words(reasons.WLAN_OTHER) == "wireless frame without data"
    assert reasons.words(reasons.NESTED_TOO_DEEP) == "nested too deep"
