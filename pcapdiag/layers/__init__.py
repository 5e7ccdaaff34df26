"""From a packet's bytes to header fields: one header a file, the way between them in `dispatch`.

Every layer is one kernel function ``step(data, at, end, packet) -> next layer``: it reads its
header at offset `at`, never at or past `end`, writes what it finds into `packet` (the fields are
listed in :mod:`pcapdiag.layers.packet`), moves ``packet["at"]`` behind the header and says which
layer comes next.  What it cannot read it names in ``packet["reason"]`` and stops; it never guesses.
"""
