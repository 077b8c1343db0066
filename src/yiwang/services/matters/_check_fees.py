"""What `packs check` asks of a matter that charges a fee: the fee is there, its tariff gets its facts, the flow waits for the money."""

from collections.abc import Iterator

from yiwang.kernel.packs.contracts import Pack, PackSet, Problem, known_kinds
from yiwang.services.matters.kinds import FeePart, MatterPack

FEE_ITEM, FLOW, PAYMENTS = "FeeItem", "Flow", "payments"


def fees(pack: Pack, packs: PackSet, body: MatterPack) -> Iterator[Problem]:
    charged = [(n, fee) for n, fee in enumerate(body.fees) if fee.item]
    if not charged or FEE_ITEM not in known_kinds():
        return
    for n, fee in charged:
        yield from _facts(pack, packs, n, fee)
    flow = packs.find(FLOW, body.flow.partition("@")[0])
    steps = (flow.raw.get("steps") or {}).values() if flow else ()
    if flow and not any(isinstance(step, dict) and step.get("system") == PAYMENTS for step in steps):
        remedy = "请换用有缴费环节的流程，如 standard.public-service-with-fee，或在流程里加 system: payments 的环节。"
        yield pack.problem("flow", f"事项收费，流程 {flow.id} 却没有等待缴费的环节。", remedy)


def _facts(pack: Pack, packs: PackSet, n: int, fee: FeePart) -> Iterator[Problem]:
    item = packs.find(FEE_ITEM, fee.item or "")
    if item is None:
        yield pack.problem(("fees", n, "item"), *packs.missing(FEE_ITEM, fee.item or ""))
        return
    asked = set(item.raw.get("facts") or {})
    strange, lacking = sorted(set(fee.facts) - asked), sorted(asked - set(fee.facts))
    if strange:
        yield pack.problem(("fees", n, "facts"), f"{item.id} 不问“{'、'.join(strange)}”。", "请删去或改名。")
    if lacking:
        remedy = "请写明取自哪一项填写，或写“=”和固定的值。"
        yield pack.problem(("fees", n, "facts"), f"{item.id} 的计费要素“{'、'.join(lacking)}”没有来源。", remedy)
