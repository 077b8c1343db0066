"""Campaigns as others see them, through contracts."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from yiwang.kernel.base.contracts import Conflict, Denied, Invalid, NotFound


class CampaignState(StrEnum):
    COMPOSED = "composed"
    RUNNING = "running"
    PAUSED = "paused"
    STOPPED = "stopped"
    REFUSED = "refused"
    DONE = "done"

    @property
    def word(self) -> str:
        words = ("待另一人审批", "发送中", "已暂停", "已停止", "未批准", "已完成")
        return words[list(CampaignState).index(self)]


class BadCampaign(Invalid):
    code = "notify.bad-campaign"


class NoSuchCampaign(NotFound):
    code = "notify.no-such-campaign"


class CannotSteer(Conflict):
    """Not from where it stands."""

    code = "notify.cannot-steer"


class SamePerson(Denied):
    """Whoever wrote it does not approve it."""

    code = "notify.same-person"


@dataclass(frozen=True, slots=True)
class CampaignView:
    """群发: one template to many. `wrong` lines go out to nobody; `sent` have been gone through."""

    id: int
    template: str
    title: str
    channels: tuple[str, ...]
    org_id: int
    audience: str
    filename: str
    state: CampaignState
    total: int
    wrong: int
    sent: int
    made_by: int | None
    made_at: datetime
    decided_at: datetime | None
    ended_at: datetime | None
    next_at: datetime | None

    @property
    def right(self) -> int:
        return self.total - self.wrong

    @property
    def is_running(self) -> bool:
        return self.state is CampaignState.RUNNING

    @property
    def percent(self) -> int:
        return 100 * self.sent // self.right if self.right else 100


@dataclass(frozen=True, slots=True)
class RecipientProblem:
    """What is wrong with how many lines, the first of which is named."""

    problem: str
    count: int
    first_line: int
