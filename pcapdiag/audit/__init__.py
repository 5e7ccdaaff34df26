"""Many captures, each analysed by itself: find them, share them among processes, sum them up.

One file more or less never changes the rows of the others, and no file, however broken, ends the audit.
"""
