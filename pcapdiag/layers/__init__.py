"""One header a file: each step reads its header and says which layer comes next."""
