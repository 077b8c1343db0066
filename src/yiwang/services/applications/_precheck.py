"""材料预审: each paper judged by the rule that its matter's pack gives it, over what is known of the paper. It stops nothing."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from yiwang.kernel.base.contracts import NotFound
from yiwang.kernel.files import queries as files
from yiwang.kernel.files.contracts import FileRef
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.people.contracts import PartyView
from yiwang.kernel.rules import queries as rules
from yiwang.services.applications.contracts import MaterialInput, PaperCheck, PaperGround, SaidField, Wanted
from yiwang.services.applications.kinds import PAPERS, SAID, MaterialCheck, PaperPart
from yiwang.support.licences import queries as licences

SAID_MAX = 80
_Facts = dict[str, Any]


def part_of(wanted: Wanted) -> PaperPart | None:
    """What the packs say of a material of these matters; None where they say nothing."""
    for pack in packs.all_of(PAPERS):
        body = pack.as_type(MaterialCheck)
        if wanted.key in body.materials and set(body.matters) & set(wanted.matters):
            return body.materials[wanted.key]
    return None


def fields(wanted: Wanted, said: Mapping[str, str]) -> tuple[SaidField, ...]:
    """What the applicant is asked to read off the paper, with what was said so far."""
    part = part_of(wanted)
    return tuple(SaidField(name, SAID[name], said.get(name, "")) for name in part.says) if part else ()


def judge(
    wanted: Wanted, ref: FileRef | None, said: Mapping[str, str], party: PartyView, *, on: date
) -> PaperCheck | None:
    """What the rule says of a paper that was handed in; None without one, or where there is no rule for it."""
    part = part_of(wanted) if ref is not None else None
    if part is None or ref is None:
        return None
    facts: _Facts = {
        **{name: said[name] for name in part.says if said.get(name)},
        "media_type": ref.media_type,
        "size_kb": -(-ref.size_bytes // 1024),
    }
    if facts.get("holder_name"):
        facts["holder_is_applicant"] = _same(facts["holder_name"], party.name)
    return _decided(part, facts, on)


def judge_held(wanted: Wanted, party: PartyView, *, on: date) -> PaperCheck | None:
    """The same of a certificate that the applicant holds: its days stand in the register."""
    part = part_of(wanted)
    if part is None or wanted.holder != "applicant":
        return None
    held = next(
        (each for each in licences.of_holder(party.subject_key, on=on) if each.type_id == wanted.reference), None
    )
    if held is None:
        return None
    facts: _Facts = {"holder_is_applicant": True, "issued_on": held.issued_on, "valid_until": held.valid_to}
    return _decided(part, facts, on)


def of_filing(
    wanted: Iterable[Wanted], inputs: Mapping[str, MaterialInput], party: PartyView, *, on: date
) -> dict[str, PaperCheck]:
    """What the rules say of the papers of a filing, by material."""
    given = {item.key: item for item in wanted if item.key in inputs and part_of(item)}
    refs = files.named(file_id for key in given if (file_id := inputs[key].file_id))
    found = {
        key: judge(item, refs.get(inputs[key].file_id or 0), inputs[key].said, party, on=on)
        for key, item in given.items()
    }
    return {key: check for key, check in found.items() if check is not None}


def _decided(part: PaperPart, facts: _Facts, on: date) -> PaperCheck | None:
    try:
        rule = rules.rule(part.rule, on=on)
    except NotFound:
        return None  # a parameter without a number for this day: a person looks, as without the rule
    decision = rule.decide(facts)
    grounds = tuple(
        PaperGround(
            str(reason.sentence),
            reason.sentence.en,
            reason.answer,
            tuple(str(rule.fact(name).title) for name in reason.missing),
        )
        for reason in decision.reasons
    )
    return PaperCheck(decision.answer, grounds)


def _same(one: str, other: str) -> bool:
    """Names as people write them: spaces and the dot in them do not count."""
    return _bare(one) == _bare(other)


def _bare(name: str) -> str:
    return "".join(sign for sign in name if sign.isalnum()).casefold()
