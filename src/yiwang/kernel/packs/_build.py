"""What `packs build` makes of packs: schemas for editors, the settings that point to them, the manual of each place."""

import json
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from yiwang.kernel.packs._json_schema import ANY, schemas
from yiwang.kernel.packs._manual import Sheet, manual
from yiwang.kernel.packs.contracts import PackSet

Using = Callable[[PackSet], AbstractContextManager[None]]


def build(packs: PackSet, using: Using) -> Iterator[Sheet]:
    """Every file by its path in the output folder; the same packs always make the same files."""
    for name, schema in schemas().items():
        yield Sheet(f"schemas/{name}", _json(schema))
    yield Sheet(
        "vscode/settings.json", _json({"yaml.schemas": {f"./var/build/packs/schemas/{ANY}": "packs/**/*.yaml"}})
    )
    for each in packs.places():
        with using(each):
            for page in manual(each):
                yield Sheet(f"manual/{each.place}/{page.path}", page.text, page.title)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
