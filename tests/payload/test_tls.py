"""Words for alerts."""

from pcapdiag.payload.tls import ALERTS


def test_every_number_has_its_word() -> None:
    assert len(set(ALERTS)) == 256
    assert (ALERTS[48], ALERTS[70], ALERTS[200]) == ("unknown_ca", "protocol_version", "alert 200")
