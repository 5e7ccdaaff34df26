"""The values that reading hands on."""

import pickle

from pcapdiag.read import Unreadable


def test_an_error_survives_the_way_between_processes() -> None:
    error = Unreadable("a.pcap", "is empty")
    again = pickle.loads(pickle.dumps(error))
    assert (again.name, again.reason) == ("a.pcap", "is empty")
    assert str(again) == "a.pcap: is empty"
