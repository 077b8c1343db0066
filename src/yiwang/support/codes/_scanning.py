"""Scanning: is the code genuine, may this scanner ask, was it here before; then the declared values and a line for the holder."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from yiwang.kernel.audit import actions as audit
from yiwang.kernel.base.contracts import Actor, PostRef, YiwangError
from yiwang.kernel.packs.contracts import Pack
from yiwang.kernel.people import queries as people
from yiwang.kernel.people.contracts import NoSuchAccount, NoSuchParty, PartyView
from yiwang.support.codes import _handles, _keys, _policy, _scenes, _values
from yiwang.support.codes._code import CodeKind, Genuine
from yiwang.support.codes._values import Bearer, Told
from yiwang.support.codes.contracts import (
    BadBatch,
    HolderGone,
    LevelTooLow,
    Mode,
    OfflineScan,
    Outcome,
    Replayed,
    Seen,
    WrongHolder,
)
from yiwang.support.codes.kinds import ScenePack
from yiwang.support.codes.models import Scan

BATCH_MAX, KEY_MAX = 500, 64


@dataclass(frozen=True, slots=True)
class _Log:
    """What every scan of one scanner in one scene has in common."""

    pack: Pack
    scene: ScenePack
    post: PostRef
    by: Actor


def scan(text: str, scene_id: str, by: Actor, *, at: datetime) -> Seen:
    """One code in one scene; see actions.scan."""
    log = _log(scene_id, by)
    pack, scene = log.pack, log.scene
    found = _keys.verifier().read(text, at=at)
    _check_holder(found, scene)
    bearer = _bearer(found, at)
    row = _kept(log, found, bearer, at=at)
    told = _values.read(bearer, scene.learns)
    _disclosed(pack, told, by, at)
    audit.record("codes.code.scanned", target=f"scan:{row.pk}", by=by, at=at, detail={"scene": pack.id})
    shown = [each for each in told.values if each.name in scene.shown or _is_filled(scene, each.name)]
    return Seen(row.pk, pack.id, found.kind, tuple(shown), _fills(scene, told), at)


def take(scene_id: str, scans: Sequence[OfflineScan], by: Actor, *, at: datetime) -> list[Outcome]:
    """What a gate collected by itself; see actions.take_scans."""
    log = _log(scene_id, by)
    if log.scene.mode is not Mode.OFFLINE:
        raise BadBatch("这个场景不收离线记录。", hint="请逐个联网扫码。")
    _check_batch(scans)
    known = Scan.objects.filter(scene_id=scene_id, account_id=by.account_id, key__in=[each.key for each in scans])
    taken = set(known.values_list("key", flat=True))
    fresh = {each.key: each for each in scans if each.key not in taken}
    found, outcomes = _read_all(list(fresh.values()), log.scene, at)
    rows = _rows(log, found, fresh, at)
    Scan.objects.bulk_create(rows, ignore_conflicts=True)
    stands = set(known.values_list("key", flat=True))
    if rows:
        detail = {"scene": scene_id, "count": len(rows)}
        audit.record("codes.scans.taken", target=f"scene:{scene_id}"[:120], by=by, at=at, detail=detail)
    return [_outcome(each.key, stands, outcomes) for each in scans]


def _log(scene_id: str, by: Actor) -> _Log:
    pack = _scenes.pack_of(scene_id)
    scene = pack.as_type(ScenePack)
    return _Log(pack, scene, _scenes.post_for(by, scene), by)


def _check_batch(scans: Sequence[OfflineScan]) -> None:
    keys = {each.key for each in scans}
    if not scans or len(scans) > BATCH_MAX:
        raise BadBatch(f"一次上传1到{BATCH_MAX}条。", hint="请分批上传。")
    if len(keys) < len(scans) or any(not key or len(key) > KEY_MAX for key in keys):
        raise BadBatch("每条要有自己的编号（1到64个字符），一批里不能重复。", hint="请核对编号。")
    if any(each.scanned_at.tzinfo is None for each in scans):
        raise BadBatch("扫码时间没有写时区。", hint="请写成 2026-11-23T08:00:00+08:00。")


def _read_all(
    scans: Sequence[OfflineScan], scene: ScenePack, at: datetime
) -> tuple[dict[str, Genuine], dict[str, Outcome]]:
    verifier, policy = _keys.verifier(), _policy.policy()
    earliest, latest = at - timedelta(days=policy.offline_days), at + _policy.skew()
    found: dict[str, Genuine] = {}
    refused: dict[str, Outcome] = {}
    for each in scans:
        if not earliest <= each.scanned_at <= latest:
            refused[each.key] = Outcome(each.key, False, BadBatch.code, f"扫码时间不在最近{policy.offline_days}天内。")
            continue
        try:
            genuine = verifier.read(each.text, at=each.scanned_at)
            _check_holder(genuine, scene)
        except YiwangError as wrong:
            refused[each.key] = Outcome(each.key, False, wrong.code, wrong.message)
        else:
            found[each.key] = genuine
    return found, refused


def _rows(log: _Log, found: dict[str, Genuine], scans: dict[str, OfflineScan], at: datetime) -> list[Scan]:
    """Rows for what is genuine, in a constant number of queries."""
    blinds = {kid: _keys.blind_of(kid) for kid in {each.kid for each in found.values()}}
    owners = {key: _handles.opened(each.handle, blind=blinds[each.kid]) for key, each in found.items()}
    parties = people.parties({party_id for party_id, _ in owners.values()})
    return [
        _row(
            log,
            each,
            parties[owners[key][0]].subject_key,
            owners[key][1],
            at=scans[key].scanned_at,
            taken_at=at,
            key=key,
        )
        for key, each in found.items()
        if owners[key][0] in parties
    ]


def _outcome(key: str, stands: set[str], refused: dict[str, Outcome]) -> Outcome:
    if key in stands:
        return Outcome(key, True)
    return refused.get(key) or Outcome(key, False, Replayed.code, "这个码在这个场景已经扫过。")


def _check_holder(found: Genuine, scene: ScenePack) -> None:
    if found.kind not in scene.kinds or len(found.handle) != _handles.SIZE:
        said = "、".join(each.word for each in sorted(scene.kinds))
        raise WrongHolder(f"这是{found.kind.word}码，这个场景只扫{said}码。", hint="请对方换一个码出示。")
    if found.level < scene.level:
        hint = "请对方在“我的码”页面点“再确认一次”后重新出示，或核对身份证件。"
        raise LevelTooLow("出示这个码的人确认身份的方式，对这个场景不够可靠。", hint=hint)


def _bearer(found: Genuine, at: datetime) -> Bearer:
    """Who shows it, if they still may. Raises HolderGone."""
    party_id, account_id = _handles.opened(found.handle, blind=_keys.blind_of(found.kid))
    try:
        holder, account = people.party(party_id), people.account(account_id)
    except (NoSuchParty, NoSuchAccount) as wrong:
        raise _gone() from wrong
    if not account.is_active or account.party_id is None:
        raise _gone()
    if found.kind is CodeKind.FIRM and account_id not in {each.id for each in people.agents_of(party_id, at=at)}:
        raise _gone()
    shown_by: PartyView = holder if account.party_id == party_id else people.party(account.party_id)
    return Bearer(found.kind, holder, shown_by, timezone.localdate(at), account_id)


def _gone() -> HolderGone:
    return HolderGone("出示这个码的账号或授权已失效。", hint="请对方重新登录后再出示，企业请核对授权。")


def _kept(log: _Log, found: Genuine, bearer: Bearer, *, at: datetime) -> Scan:
    """The line of the log. Raises Replayed."""
    row = _row(log, found, bearer.party.subject_key, bearer.account_id, at=at, taken_at=at)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as wrong:
        hint = "请对方刷新后再出示；如果不是本人刚刚用过，请不要采用。"
        raise Replayed("这个码在这个场景已经扫过。", hint=hint) from wrong
    return row


def _row(
    log: _Log, found: Genuine, subject_key: str, shown_by: int, *, at: datetime, taken_at: datetime, key: str = ""
) -> Scan:
    return Scan(
        scene_id=log.pack.id,
        scene_hash=log.pack.hash,
        handle=found.handle.hex(),
        is_once=log.scene.once,
        key=key,
        subject_key=subject_key,
        shown_by=shown_by,
        account_id=log.by.account_id,
        org_id=log.post.org_id,
        learned=_values.names_for(found.kind, log.scene.learns),
        is_offline=bool(key),
        at=at,
        taken_at=taken_at,
        until=timezone.localdate(at) + timedelta(days=log.scene.keep_days),
    )


def _disclosed(pack: Pack, told: Told, by: Actor, at: datetime) -> None:
    scene = pack.as_type(ScenePack)
    for subject_key, elements in told.elements.items():
        audit.disclose(
            subject_key=subject_key,
            elements=sorted(elements),
            purpose=f"扫码“{pack.title.zh}”：{scene.purpose.zh}"[:200],
            authority=scene.authority,
            case_number=None,
            by=by,
            at=at,
        )


def _is_filled(scene: ScenePack, name: str) -> bool:
    return any(name in names for names in scene.fills.values())


def _fills(scene: ScenePack, told: Told) -> dict[str, str]:
    """Field → value: of several values that may fill a field, the one that this holder has."""
    found = {each.name: str(each.value) for each in told.values}
    filled = {name: next((found[each] for each in names if found.get(each)), "") for name, names in scene.fills.items()}
    return {name: value for name, value in filled.items() if value}
