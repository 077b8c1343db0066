"""一件事 on the front page: what there is, and what each saves."""

from yiwang.portal.citizen._home import Side, Tile


def cards(side: Side) -> list[Tile]:
    return []


def search(text: str) -> list[Tile]:
    return []
