"""What an import could not take in, told on standard error."""

from collections.abc import Sequence

import click

from yiwang.kernel.base.contracts import Place

SHOWN_MAX = 50


def tell(problems: Sequence[Place]) -> str:
    """Tell the first problems, each with its place; the words to add to the summary when there are more."""
    for problem in problems[:SHOWN_MAX]:
        click.echo(f"  {problem.where}: {problem.message}", err=True)
    return f"（只列前{SHOWN_MAX}个）" if len(problems) > SHOWN_MAX else ""
