"""Runs waiting jobs of the queue inside a test."""


def run_waiting() -> int:
    """Run what waits until nothing does; an error in a job is the test's error."""
    raise NotImplementedError
