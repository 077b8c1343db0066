"""Which places an installation serves, and the packs of all of them: one set by id, and each place's own by region."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from yiwang.kernel.packs._reader import Reading
from yiwang.kernel.packs.contracts import Layer, Pack, PackSet, Problem, RegionSet, spec_of
from yiwang.kernel.packs.kinds import PLACE, PlacePack


def chosen(readings: Sequence[Reading], place: str) -> Reading | None:
    """The reading of `place`; without one that of the only lowest place, or of the lowest that says it is the default."""
    if place:
        return next((reading for reading in readings if reading.packs.place == place), None)
    upper = {name for reading in readings for name in reading.chain[:-1]}
    lowest = [reading for reading in readings if reading.packs.place not in upper]
    marked = [reading for reading in lowest if _place(reading.packs, reading.packs.place).default]
    candidates = lowest if len(lowest) == 1 else marked
    return candidates[0] if len(candidates) == 1 else None


def served(top: Reading, readings: Sequence[Reading], problems: list[Problem]) -> PackSet:
    """The packs of a place and of those below it."""
    below = [reading for reading in readings if top.packs.place in reading.chain]
    if len(below) == 1:
        return top.packs
    problems.extend(problem for reading in below[1:] for problem in _refused(reading, top))
    own: dict[tuple[str, str, int], Pack] = {}
    for reading in below:
        for pack in reading.packs:
            key = (pack.kind, pack.id, pack.version)
            first = own.setdefault(key, pack)
            if first.layers[0] != pack.layers[0]:
                spot = f"{first.layers[0].path}:{first.layers[0].line}"
                problems.append(
                    pack.problem("id", f"{pack.kind} {pack.id} 已在 {spot} 写过。", "同时服务几个地方时，请换一个 id。")
                )
    sets = [region_set(reading.packs, reading.packs.place) for reading in below]
    return PackSet(own.values(), place=top.packs.place, chain=top.chain, below=sets)


def region_set(packs: PackSet, place: str) -> RegionSet:
    return RegionSet(_place(packs, place).region or "", packs)


def split(packs: Iterable[Pack], changed: Mapping[str, Sequence[Pack]], place: str, release: int) -> PackSet:
    """The same from what a release recorded: all packs by id, and those that read otherwise in a place below."""
    all_of_them = list(packs)
    under = {pack.id: pack.as_type(PlacePack).under for pack in all_of_them if pack.kind == PLACE}
    own_chain = _chain(place, under)
    lower = [name for name in under if place in _chain(name, under)]
    if len(lower) < 2:
        return PackSet(all_of_them, place=place, chain=own_chain, release=release)
    sets = []
    for name in sorted(lower, key=lambda name: (len(_chain(name, under)), name)):
        chain = _chain(name, under)
        mine = {(p.kind, p.id, p.version): p for p in all_of_them if p.place in chain}
        mine |= {(p.kind, p.id, p.version): p for p in changed.get(name, ())}
        sets.append(region_set(PackSet(mine.values(), place=name, chain=chain, release=release), name))
    return PackSet(all_of_them, place=place, chain=own_chain, release=release, below=sets)


def differing(packs: PackSet) -> Iterator[tuple[str, Pack]]:
    """What reads otherwise in one of the places served, with the place."""
    for each in packs.below:
        for pack in each.packs:
            first = packs.find(pack.kind, pack.id, pack.version)
            if first is None or (first.hash, first.place) != (pack.hash, pack.place):
                yield each.packs.place, pack


def _chain(place: str, under: Mapping[str, str | None]) -> list[str]:
    chain = [place]
    while above := under.get(chain[0]):
        chain.insert(0, above)
    return chain


def _refused(reading: Reading, top: Reading) -> Iterator[Problem]:
    """Overlays that nobody would ever ask for: of kinds that are not read by region."""
    for pack in reading.packs:
        spec = spec_of(pack.kind)
        over = [each for each in pack.layers[1:] if each.place not in top.chain and _changes_content(each)]
        if over and spec and not spec.schema.by_region:
            yield Problem(
                over[0].path,
                over[0].line,
                "overlay",
                f"{pack.kind} 不分地方，同时服务几个地方时不能由{over[0].place}改。",
                f"请写到 {top.packs.place} 或它的上级，或让 {over[0].place} 用自己的安装（YIWANG_PLACE={over[0].place}）。",
            )


def _changes_content(layer: Layer) -> bool:
    return any(not name.removeprefix("-").startswith("examples") for name in layer.fields)


def _place(packs: PackSet, place: str) -> PlacePack:
    return packs.get(PLACE, place).as_type(PlacePack)
