"""What a check of a flow finds, and the steps it mostly looks at."""

from collections.abc import Iterator
from dataclasses import dataclass

from yiwang.kernel.cases.kinds import ApplicantStep, FlowPack, OutsideStep, PostStep


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong: where in the file, what, and what to do."""

    where: str
    what: str
    remedy: str


def waiting(body: FlowPack) -> Iterator[tuple[str, PostStep | ApplicantStep | OutsideStep]]:
    for name, step in body.steps.items():
        if isinstance(step, PostStep | ApplicantStep | OutsideStep):
            yield name, step
