"""`yiwang openapi`: the JSON API's description."""

import json
from typing import TextIO

import click

from yiwang.site.cli import load_django


@click.command()
@click.option(
    "--output", type=click.File("w", encoding="utf-8"), default="-", help="File to write; standard output if not given."
)
def command(*, output: TextIO) -> None:
    """Print the OpenAPI description of the JSON API."""
    load_django()
    from yiwang.site.api import api

    json.dump(api.get_openapi_schema(), output, ensure_ascii=False, indent=2, default=str)
    output.write("\n")
