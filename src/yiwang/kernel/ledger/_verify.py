"""The full check: recompute every digest from what is stored and name each row that does not fit."""

from datetime import datetime, timedelta

from django.db import connection, transaction

from yiwang.kernel.ledger import _keys
from yiwang.kernel.ledger._commitment import envelope
from yiwang.kernel.ledger._note import NoteInvalid, opened
from yiwang.kernel.ledger._rows import Row, content_fault, stream
from yiwang.kernel.ledger._sequencer import seal_of
from yiwang.kernel.ledger._suspects import Suspect, judge
from yiwang.kernel.ledger._tree import Frontier, hasher, leaf_hash
from yiwang.kernel.ledger.contracts import Fault, Finding, Report
from yiwang.kernel.ledger.models import Checkpoint, Erasure, Node, PendingLeaf

FINDINGS_MAX = 200
PATIENCE = timedelta(minutes=1)

_UNPLACED = """
SELECT l.id FROM ledger_leaf l WHERE NOT EXISTS (SELECT 1 FROM ledger_entry e WHERE e.leaf_id = l.id)
AND NOT EXISTS (SELECT 1 FROM ledger_pendingleaf p WHERE p.leaf_id = l.id) ORDER BY l.id LIMIT %s
"""


def run(*, at: datetime | None, anchor: str | None) -> Report:
    """One snapshot, one pass; memory stays flat however long the ledger is."""
    if connection.in_atomic_block:
        return _Check(anchor).run(at)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        return _Check(anchor).run(at)


class _Check:
    def __init__(self, anchor: str | None) -> None:
        self.findings: list[Finding] = []
        self.suspects: list[Suspect] = []
        self.heads = list(Checkpoint.objects.order_by("tree_size"))
        self.algorithm = self.heads[0].algorithm if self.heads else _keys.algorithm()
        self.digest = hasher(self.algorithm)
        self.keys, self.verifiers = _keys.row_keys(), _keys.verifiers()
        self.tree = Frontier(self.digest)
        self.nodes = {(n.level, n.index): bytes(n.hash) for n in Node.objects.iterator()}
        self.expected: dict[int, list[tuple[str, bytes]]] = {}
        # A row too few moves every later one, so roots are compared only up to the first gap or wrong root.
        self.is_whole = True
        self._anchor(anchor)

    def run(self, at: datetime | None) -> Report:
        for head in self.heads:
            self._head(head)
        self._roots()
        count = 0
        for row in stream():
            self._row(row)
            count += 1
        self.findings[:0] = judge(self.suspects, self.keys)
        self._missing_tail()
        self._unplaced(at)
        for level, index in self.nodes:
            self._add(Fault.EDITED, f"node {level}/{index}", "多出或被改动的树节点。")
        return Report(
            tree_size=count,
            root=self.tree.root().hex() if self.is_whole else "",
            checkpoints=len(self.heads),
            waiting=PendingLeaf.objects.count(),
            erased=Erasure.objects.count(),
            findings=self.findings[:FINDINGS_MAX],
            is_cut=len(self.findings) > FINDINGS_MAX,
        )

    def _add(self, fault: Fault, where: str, sentence: str) -> None:
        if len(self.findings) <= FINDINGS_MAX:
            self.findings.append(Finding(fault, where, sentence))

    def _head(self, head: Checkpoint) -> None:
        """A checkpoint's row must say what its signed text says."""
        where = f"checkpoint {head.tree_size}"
        try:
            body = opened(head.note, self.verifiers)
        except NoteInvalid as wrong:
            self._add(Fault.CHECKPOINT, where, f"检查点签名不成立：{wrong}。")
            return
        if (body.size, body.root.hex(), body.algorithm) != (head.tree_size, head.root, head.algorithm):
            self._add(Fault.CHECKPOINT, where, "检查点的记录与其签名文本不一致。")
        self.expected.setdefault(body.size, []).append((where, body.root))

    def _anchor(self, anchor: str | None) -> None:
        if anchor is None:
            return
        try:
            body = opened(anchor, self.verifiers)
        except NoteInvalid as wrong:
            self._add(Fault.ANCHOR, "anchor", f"外存检查点不能使用：{wrong}。")
            return
        self.expected.setdefault(body.size, []).append(("anchor", body.root))

    def _row(self, row: Row) -> None:
        index, stored, seal = row.place, bytes(row.leaf_hash), bytes(row.seal)
        self._gap(index)
        recomputed = self._recomputed(row)
        is_sealed = any(seal_of(key, index, stored) == seal for key in self.keys)
        if recomputed != stored or not is_sealed:
            self.suspects.append(Suspect(index, row.leaf_id, stored, seal, recomputed, is_sealed))
        if self.is_whole:
            self._grow(stored if is_sealed else recomputed or stored)
        if row.found is not None:
            self._content(row)

    def _gap(self, index: int) -> None:
        if self.is_whole and index != self.tree.size:
            last = index - 1
            self._add(
                Fault.REMOVED,
                f"index {self.tree.size}" + (f"–{last}" if last > self.tree.size else ""),
                "存证行被删除：编号不连续，其后的检查点无法再核对。",
            )
            self.is_whole = False

    def _recomputed(self, row: Row) -> bytes | None:
        if row.found is None:
            self._add(Fault.REMOVED, f"leaf {row.leaf_id}", f"编号{row.place}所指的存证叶被删除。")
            return None
        data = envelope(
            algorithm=row.algorithm,
            kind=row.kind,
            subject=row.subject,
            commitment=row.commitment,
            recorded_at=row.recorded_at,
        )
        return leaf_hash(self.digest, data)

    def _grow(self, hashed: bytes) -> None:
        for level, index, value in self.tree.append(hashed):
            if self.nodes.pop((level, index), None) != value:
                self._add(Fault.EDITED, f"node {level}/{index}", "树节点缺失或被改动。")
        self._roots()

    def _roots(self) -> None:
        for where, root in self.expected.pop(self.tree.size, ()):
            if root != self.tree.root():
                fault = Fault.ANCHOR if where == "anchor" else Fault.CHECKPOINT
                self._add(fault, where, "按现有存证算出的根与签名的根不同：此前的行被改过。")

    def _content(self, row: Row) -> None:
        wrong = content_fault(self.digest, row)
        if wrong:
            self._add(wrong[0], f"leaf {row.leaf_id}", wrong[1])

    def _missing_tail(self) -> None:
        beyond = max(self.expected, default=0)
        if self.is_whole and beyond > self.tree.size:
            self._add(Fault.REMOVED, f"index {self.tree.size}–{beyond - 1}", "检查点签过的末尾存证行被删除。")

    def _unplaced(self, at: datetime | None) -> None:
        with connection.cursor() as cursor:
            cursor.execute(_UNPLACED, [FINDINGS_MAX])
            for (leaf_id,) in cursor.fetchall():
                self._add(Fault.REMOVED, f"leaf {leaf_id}", "存证叶没有编号，也不在待编号之列。")
        late = PendingLeaf.objects.filter(leaf__recorded_at__lt=at - PATIENCE) if at else None
        if late is not None and late.exists():
            self._add(Fault.STALLED, "sequencer", "有存证等待编号超过一分钟：请检查编号进程。")
