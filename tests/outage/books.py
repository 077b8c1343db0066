"""What must hold when everything is over: nothing lost, nothing twice, nothing stuck, every number used once."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import Any

from tests.outage.site import Site

_WAITING = """
SELECT (SELECT count(*) FROM procrastinate_jobs WHERE status = 'doing'
          OR (status = 'todo' AND (scheduled_at IS NULL OR scheduled_at < now() + interval '2 minutes')))
         + (SELECT count(*) FROM base_outbox),
       (SELECT count(*) FROM ledger_pendingleaf)
"""
_CASES = "SELECT id, number, status FROM cases_case WHERE kind = 'application' ORDER BY id"
# Everything that a case leaves behind, counted by what it is.
TRACES = """
SELECT case_id, 'event ' || kind, count(*) FROM cases_caseevent GROUP BY 1, 2
UNION ALL SELECT case_id, 'document ' || event, count(*) FROM applications_document GROUP BY 1, 2
UNION ALL SELECT c.id, 'message ' || m.template, count(*) FROM notify_message m
  JOIN cases_case c ON c.number = m.case_number GROUP BY 1, 2
UNION ALL SELECT c.id, 'text message', count(*) FROM notify_delivery s JOIN notify_message m ON m.id = s.message_id AND s.channel = 'sms'
  JOIN cases_case c ON c.number = m.case_number GROUP BY 1, 2
UNION ALL SELECT c.id, 'licence ' || l.type_id, count(*) FROM licences_licence l
  JOIN cases_case c ON c.number = l.case_number GROUP BY 1, 2
UNION ALL SELECT case_id, 'invitation', count(*) FROM feedback_invitation GROUP BY 1, 2
UNION ALL SELECT c.id, 'audit ' || a.event, count(*) FROM audit_auditrecord a
  JOIN cases_case c ON a.target IN (c.number, 'case:' || c.number, 'case:' || c.id) GROUP BY 1, 2
"""
_ENDED_BADLY = """
SELECT task_name || ' ' || status || ' ' || left(args::text, 120) FROM procrastinate_jobs
WHERE status IN ('failed', 'cancelled', 'aborted') ORDER BY id
"""
_HELD = """
SELECT l.locktype || ' ' || l.mode || ' of ' || coalesce(a.query, '?') FROM pg_locks l
JOIN pg_stat_activity a USING (pid) WHERE l.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
  AND (NOT l.granted OR a.state LIKE 'idle in transaction%%' OR l.locktype = 'advisory')
"""
_LICENCES = """
SELECT type_id || ' ' || issuer_id || ' ' || right(number, 12) FROM licences_licence
WHERE type_id = 'residence-permit'
"""
_NUMBERED = {
    "case number": ("SELECT number FROM cases_case WHERE parent_id IS NULL", re.compile(r"(\d{14})(\d{6}).")),
    "document number": ("SELECT document_no FROM applications_document", re.compile(r"(.*?)(\d+)号?")),
    "licence number": (_LICENCES, re.compile(r"(.* \d{4})(\d{8})")),
}


def settle(site: Site, seconds: float = 420) -> float:
    """Until no job waits or runs and every leaf is numbered; how long that took."""
    held = [0]

    def is_quiet() -> bool:
        held[0] = held[0] + 1 if site.sql(_WAITING)[0] == (0, 0) else 0
        return held[0] >= 5

    return site.until(is_quiet, "no job waits, every leaf is numbered", seconds)


def findings(site: Site, acknowledged: dict[str, str]) -> list[str]:
    """Everything that does not hold, in a sentence each."""
    return [
        *_filings(site, acknowledged),
        *_traces(site),
        *_numbers(site),
        *(f"a job ended badly: {row[0]}" for row in site.sql(_ENDED_BADLY)),
        *(f"a lock is held: {row[0]}" for row in site.sql(_HELD)),
        *_files(site),
        *_ledger(site),
    ]


def _filings(site: Site, acknowledged: dict[str, str]) -> Iterable[str]:
    rows = site.sql(_CASES)
    kept = Counter(row[1] for row in rows)
    told = Counter(acknowledged.values())
    yield from (f"{number} was acknowledged to two keys" for number, times in told.items() if times > 1)
    yield from (f"{number} was acknowledged and is not there" for number in told - kept)
    yield from (f"{number} is there and nobody was told" for number in kept - told)
    yield from (f"{number} is {status}" for _, number, status in rows if status != "closed")


def _traces(site: Site) -> Iterable[str]:
    """Every case went the same way: what differs from what most left behind is lost or twice."""
    of: dict[int, dict[str, int]] = defaultdict(dict)
    for case_id, what, count in site.sql(TRACES):
        of[case_id][what] = count
    shapes = {row[0]: tuple(sorted(of[row[0]].items())) for row in site.sql(_CASES)}
    if not shapes:
        return
    usual = Counter(shapes.values()).most_common(1)[0][0]
    for case_id, shape in shapes.items():
        if shape != usual:
            yield f"case {case_id}: {sorted(set(shape) - set(usual))} instead of {sorted(set(usual) - set(shape))}"


def _numbers(site: Site) -> Iterable[str]:
    for what, (statement, pattern) in _NUMBERED.items():
        series: dict[str, list[int]] = defaultdict(list)
        for (text,) in site.sql(statement):
            found = pattern.fullmatch(text)
            assert found, text
            series[found[1]].append(int(found[2]))
        for name, used in series.items():
            used.sort()
            if used != list(range(1, len(used) + 1)):
                yield f"{what} {name}: {_gaps(used)}"


def _gaps(used: list[int]) -> str:
    missing = sorted(set(range(1, max(used) + 1)) - set(used))
    twice = sorted(number for number, times in Counter(used).items() if times > 1)
    return f"missing {missing[:10]}, twice {twice[:10]}"


def _files(site: Site) -> Iterable[str]:
    folder = site.home / "files"
    for (digest,) in site.sql("SELECT DISTINCT sha256 FROM files_storedfile"):
        if not (folder / digest[:2] / digest[2:4] / digest).is_file():
            yield f"the content {digest} is not there"


def _ledger(site: Site) -> Iterable[str]:
    said = site.command("ledger", "verify")
    if "sound" not in said:
        yield f"the ledger: {said}"


def tally(site: Site) -> dict[str, Any]:
    """How much there is, to say what was looked at."""
    rows = site.sql(
        "SELECT (SELECT count(*) FROM cases_case), (SELECT count(*) FROM licences_licence WHERE case_number <> ''), "
        "(SELECT count(*) FROM notify_message), (SELECT count(*) FROM ledger_entry), "
        "(SELECT count(*) FROM procrastinate_jobs WHERE status = 'succeeded')"
    )[0]
    return dict(zip(("cases", "licences", "messages", "ledger_entries", "jobs"), rows, strict=True))
