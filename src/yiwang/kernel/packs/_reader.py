"""Reads a packs folder: places, files, overlays, schemas; gives the set of packs of each place and every problem."""

import hashlib
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from yiwang.kernel.base.contracts import YiwangError
from yiwang.kernel.packs import _messages, _overlay, _yaml
from yiwang.kernel.packs.contracts import (
    Layer,
    Lines,
    Pack,
    PackFault,
    PackModel,
    PackSet,
    Problem,
    known_kinds,
    locate,
    spec_of,
)
from yiwang.kernel.packs.kinds import PLACE, PlacePack

PACKS_MAX = 20_000
_FROM_KIND = "请从 kind: 写起，冒号用半角，后面空一格。"


@dataclass(frozen=True, slots=True)
class Draft:
    """A document of a file, not yet checked against its schema."""

    place: str
    path: str
    data: dict[str, Any]
    lines: Lines = field(repr=False)
    layers: tuple[Layer, ...] = ()

    def problem(self, where: tuple[str | int, ...], what: str, remedy: str) -> Problem:
        path, line = locate(self.lines, where, self.path)
        return Problem(path, line, ".".join(map(str, where)), what, remedy)


@dataclass(frozen=True, slots=True)
class Reading:
    """What a folder holds for one place; `packs` leaves out what has a problem."""

    chain: tuple[str, ...]
    packs: PackSet
    problems: tuple[Problem, ...]


def read_all(root: Path) -> list[Reading]:
    """One reading for each place, from the top down: its own packs over those of the places above it."""
    problems: list[Problem] = []
    drafts, places = _drafts(root, problems)
    if not places:
        problems.append(
            Problem(
                _shown(root, root),
                1,
                "",
                "没有可用的地方包。",
                "请建 <地方>/place.yaml，如 packs/national/place.yaml。",
            )
        )
        return [Reading((), PackSet([]), tuple(problems))]
    above = {place: body.under for place, body in places.items()}
    chains = sorted((_chain(place, above) for place in above), key=lambda chain: (len(chain), chain))
    checked = _Checked()
    return [_reading(chain, drafts, problems, checked) for chain in chains]


def build(raw: dict[str, Any]) -> PackModel:
    """The typed body of content that was checked before; raises ValidationError if the schema has moved on."""
    spec = spec_of(raw["kind"])
    if spec is None:
        raise LookupError(raw["kind"])
    return spec.schema.model_validate(raw)


def content_hash(raw: dict[str, Any]) -> str:
    """SHA-256 of the content as JSON, in the author's order, without the worked examples."""
    content = {name: value for name, value in raw.items() if name != "examples"}
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _drafts(root: Path, problems: list[Problem]) -> tuple[list[Draft], dict[str, PlacePack]]:
    drafts: list[Draft] = []
    places: dict[str, PlacePack] = {}
    for folder in (
        sorted(path for path in root.iterdir() if path.is_dir() and path.name[0] not in "._") if root.is_dir() else ()
    ):
        for path in _files(folder):
            drafts += _read_file(root, folder.name, path, problems)
        if len(drafts) > PACKS_MAX:
            problems.append(Problem(_shown(root, folder), 1, "", f"配置包超过{PACKS_MAX:,}个。", "请拆到几个地方。"))
            break
        place = _place(root, folder, drafts, problems)
        if place:
            places[folder.name] = place
    return drafts, _rooted(drafts, places, problems)


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".yaml", ".yml") and path.is_file())


def _read_file(root: Path, place: str, path: Path, problems: list[Problem]) -> Iterator[Draft]:
    shown = _shown(root, path)
    if path.suffix != ".yaml":
        problems.append(Problem(shown, 1, "", f"扩展名是 {path.suffix}。", "请改为 .yaml。"))
        return
    if not path.resolve().is_relative_to(root.resolve()):
        problems.append(Problem(shown, 1, "", "是指向配置包目录之外的链接。", "请放入文件本身。"))
        return
    try:
        documents = _yaml.read(_bytes(path))
    except _yaml.Unreadable as error:
        problems.append(Problem(shown, error.line, "", error.what, error.remedy))
        return
    for document in documents:
        if not isinstance(document.data, dict):
            problems.append(Problem(shown, document.line, "", "应是一组“名称: 值”。", _FROM_KIND))
            continue
        yield Draft(place, shown, document.data, {spot: (shown, line) for spot, line in document.lines.items()})


def _bytes(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(_yaml.SIZE_BYTES_MAX + 1)


def _place(root: Path, folder: Path, drafts: list[Draft], problems: list[Problem]) -> PlacePack | None:
    found = [draft for draft in drafts if draft.place == folder.name and draft.data.get("kind") == PLACE]
    if len(found) != 1 or not found[0].path.endswith("/place.yaml"):
        spot = _shown(root, folder / "place.yaml")
        problems.append(
            Problem(
                spot,
                1,
                "",
                "每个地方目录要有且只有一个 place.yaml。",
                "请写 kind: Place、id、title 和 under（上级地方）。",
            )
        )
        return None
    pack, wrong = _pack(found[0])
    problems.extend(wrong)
    if pack is None:
        return None
    if pack.id != folder.name:
        problems.append(found[0].problem(("id",), f"与目录名“{folder.name}”不同。", f"请写 id: {folder.name}。"))
        return None
    return pack.as_type(PlacePack)


def _rooted(drafts: list[Draft], places: dict[str, PlacePack], problems: list[Problem]) -> dict[str, PlacePack]:
    """The places whose chain of upper places ends at the top."""
    above = {place: body.under for place, body in places.items()}
    good = {place: body for place, body in places.items() if _chain(place, above)}
    for place in sorted(places.keys() - good.keys()):
        what = f"上级地方“{above[place]}”不存在或绕成了圈。"
        draft = next(each for each in drafts if each.place == place and each.data.get("kind") == PLACE)
        problems.append(draft.problem(("under",), what, "请改为已有的上级地方，最上一级不写 under。"))
    return good


def _chain(leaf: str, above: dict[str, str | None]) -> list[str]:
    """From the top place down to `leaf`; empty when the way up is broken."""
    chain: list[str] = []
    place: str | None = leaf
    while place is not None:
        if place in chain or place not in above:
            return []
        chain.insert(0, place)
        place = above[place]
    return chain


def _reading(chain: list[str], drafts: list[Draft], before: list[Problem], checked: "_Checked") -> Reading:
    problems = list(before)
    mine = sorted((draft for draft in drafts if draft.place in chain), key=lambda draft: chain.index(draft.place))
    merged = _overlay.merge(mine, chain, problems, lambda draft: checked.pack(draft)[0] is not None)
    packs: list[Pack] = []
    for draft in merged:
        pack, wrong = checked.pack(draft)
        problems.extend(wrong)
        if pack:
            packs.append(pack)
    found = PackSet(packs, place=chain[-1], chain=chain)
    # Cross-checks over a set with holes would only complain about the holes.
    if not problems:
        problems.extend(_told_where(problem, found) for problem in _cross_checked(found))
    return Reading(tuple(chain), found, tuple(sorted(problems, key=lambda problem: (problem.path, problem.line))))


class _Checked:
    """Each draft checked against its schema once, though several places hold it."""

    def __init__(self) -> None:
        self._results: dict[int, tuple[Draft, Pack | None, list[Problem]]] = {}

    def pack(self, draft: Draft) -> tuple[Pack | None, list[Problem]]:
        if id(draft) not in self._results:
            self._results[id(draft)] = (draft, *_pack(draft))
        return self._results[id(draft)][1:]


def _pack(draft: Draft) -> tuple[Pack | None, list[Problem]]:
    kind = draft.data.get("kind")
    spec = spec_of(kind) if isinstance(kind, str) else None
    if spec is None:
        what = f"没有“{kind}”这类包。" if kind is not None else "缺少“kind”。"
        return None, [draft.problem(("kind",), what, _kinds_like(str(kind or "")))]
    raw = _jsonable(draft.data)
    try:
        body = spec.schema.model_validate(raw)
    except ValidationError as failure:
        return None, list(_explained(draft, failure, spec.schema))
    return _made(draft, raw, body), []


def _kinds_like(kind: str) -> str:
    near = get_close_matches(kind, known_kinds(), n=1, cutoff=0.7)
    return f"是不是想写“{near[0]}”？" if near else f"kind 可以是：{'、'.join(known_kinds())}。"


def _made(draft: Draft, raw: dict[str, Any], body: PackModel) -> Pack:
    return Pack(
        kind=body.kind, id=body.id, version=body.version, title=body.title, hash=content_hash(raw),
        place=draft.place, path=draft.path, body=body, raw=raw, lines=draft.lines, layers=draft.layers,
    )  # fmt: skip


def _explained(draft: Draft, failure: ValidationError, schema: type[PackModel]) -> Iterator[Problem]:
    for error in failure.errors(include_url=False):
        what, remedy = _messages.explain(error, schema)
        fault = (error.get("ctx") or {}).get("error")
        inside = fault.where if isinstance(fault, PackFault) else ()
        yield draft.problem((*_known_part(draft, error["loc"]), *inside), what, remedy)


def _known_part(draft: Draft, where: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """`where` without the labels that pydantic adds for unions; the last part stays, for what is missing."""
    at: tuple[str | int, ...] = ()
    for index, part in enumerate(where):
        if index + 1 < len(where) and isinstance(_value(draft.data, (*at, part)), str):
            continue  # a label that happens to be the name of a field beside it
        if (*at, part) in draft.lines or (index == len(where) - 1 and "[" not in str(part)):
            at = (*at, part)
    return at


def _value(data: Any, where: tuple[str | int, ...]) -> Any:
    for part in where:
        if not isinstance(data, dict) or part not in data:
            return None
        data = data[part]
    return data


def _cross_checked(packs: PackSet) -> Iterable[Problem]:
    found: list[Problem] = []
    stumbled: list[Problem] = []
    for pack in packs:
        try:
            own = list(_checked(pack, packs))
            found += own
            # A pack that does not hold together fails its examples too, for the same reason.
            if all(problem.where.startswith("examples") for problem in own):
                found += _exemplified(pack, packs)
        except YiwangError as wrong:
            stumbled.append(pack.problem((), wrong.message, wrong.hint))
    # Who stumbles over somebody else's hole has nothing to add to what is said about the hole.
    return found or stumbled


def _checked(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    spec = spec_of(pack.kind)
    return spec.check(pack, packs) if spec and spec.check else ()


def _exemplified(pack: Pack, packs: PackSet) -> Iterable[Problem]:
    spec = spec_of(pack.kind)
    if not pack.body.examples:
        return ()
    if spec and spec.examples:
        return spec.examples(pack, packs)
    return (pack.problem("examples", f"{pack.kind} 这类包不会运行例子。", "请删去 examples。"),)


def _told_where(problem: Problem, packs: PackSet) -> Problem:
    """A fault that only this place has, though an upper place's file is where it shows, says where it is so."""
    spot = problem.path.split("/")[1:2]
    if spot == [packs.place] or len(packs.chain) == 1:
        return problem
    return replace(problem, place=packs.place)


def _jsonable(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _jsonable(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_jsonable(item) for item in value]
    return str(value) if isinstance(value, Decimal) else value


def _shown(root: Path, path: Path) -> str:
    """The path as the author knows it: from the packs folder's own name on."""
    return str(Path(root.name) / path.relative_to(root))
