"""What is expected to go wrong on a machine: the message is one sentence that says what to do."""


class Failed(Exception):
    """Base of all of them; the command line prints the message and no traceback."""
