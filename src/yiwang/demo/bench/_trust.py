"""The parts of `yiwang bench trust`, in the order in which they run; the command line knows their names."""

from collections.abc import Callable, Mapping

from yiwang.demo.bench import _batch, _campaign, _credit, _logins, _verify
from yiwang.demo.bench.contracts import Figures, Installation, Tell, TrustEffort
from yiwang.support.codes import queries as codes
from yiwang.support.seals import queries as seals

Part = Callable[[Installation | None, TrustEffort, Tell], Figures]


def _seals(site: Installation | None, effort: TrustEffort, tell: Tell) -> Figures:
    return dict(seals.rates(each=effort.each, rounds=effort.rounds))


def _codes(site: Installation | None, effort: TrustEffort, tell: Tell) -> Figures:
    return dict(codes.rates(each=effort.each, rounds=effort.rounds))


def _batches(site: Installation | None, effort: TrustEffort, tell: Tell) -> Figures:
    return _batch.run(lines=effort.lines, tell=tell)


def _files(site: Installation | None, effort: TrustEffort, tell: Tell) -> Figures:
    return _verify.run(each=effort.each, rounds=effort.rounds, tell=tell)


def _checks(site: Installation | None, effort: TrustEffort, tell: Tell) -> Figures:
    return _credit.run(site=site, each=effort.each, rounds=effort.rounds, tell=tell)


def _campaigns(site: Installation | None, effort: TrustEffort, tell: Tell) -> Figures:
    return _campaign.run(lines=effort.lines, tell=tell)


def _sign_ins(site: Installation | None, effort: TrustEffort, tell: Tell) -> Figures:
    if site is None:
        raise RuntimeError("sign-ins are measured on an installation")
    return _logins.run(site=site, each=max(1, effort.each // 4), rounds=effort.rounds, tell=tell)


PARTS: Mapping[str, Part] = {
    "seals": _seals,
    "codes": _codes,
    "batch": _batches,
    "verify": _files,
    "credit": _checks,
    "logins": _sign_ins,
    "campaign": _campaigns,
}
