"""Bits of the sequence analysis."""

from pcapdiag.flows import findings


def test_every_finding_has_its_own_bit() -> None:
    single = [
        value for name, value in vars(findings).items()
        if name.isupper() and name not in ("ANY_RETRANSMISSION", "NOT_NEW")
    ]  # fmt: skip
    assert len(single) == 14
    assert sorted(single) == [1 << place for place in range(14)]
    assert findings.NOT_NEW & findings.ANY_RETRANSMISSION == findings.ANY_RETRANSMISSION
