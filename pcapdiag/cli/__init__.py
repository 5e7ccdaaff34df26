"""One file a command: options in, exit status out; nothing else prints."""
