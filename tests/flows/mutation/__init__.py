"""Public captures made strange on purpose: changes from a seed, for comparisons with tshark.

`order` loses, repeats and moves frames; `headers`, `inserted` and `connections` change what single
packets and whole connections say; `wrapping` puts packets into tunnels and other link layers;
`mutated` applies them and compares.
"""
