"""Who may act at a step and who may see a case."""

from django.db.models import Exists, OuterRef, QuerySet

from yiwang.kernel.access import queries as access
from yiwang.kernel.base import rows
from yiwang.kernel.base.contracts import Actor, ActorKind, PostRef
from yiwang.kernel.cases._turn import Held, Turn
from yiwang.kernel.cases.contracts import HandledByOther, NotYourCase, NotYourStep, SameHolder, TaskKind
from yiwang.kernel.cases.kinds import Choice, PostStep
from yiwang.kernel.cases.models import Case, Task

ACT, VIEW, SUPERVISE, EXTEND = "cases.act", "cases.view", "cases.supervise", "cases.extend"
REOPEN, CORRECT = "cases.reopen", "cases.correct"
PERMISSIONS = {
    ACT: "办理办件",
    VIEW: "查看办件",
    SUPERVISE: "督办和终止办件",
    EXTEND: "批准延长期限",
    REOPEN: "重新办理已办结的办件",
    CORRECT: "更正或撤销已作出的决定",
}
_HAS_TAKEN = (
    "SELECT EXISTS (SELECT FROM cases_task WHERE closed_by_id = %s AND status = 'done' AND step = ANY(%s::text[]) "
    "AND case_id IN (SELECT id FROM cases_case WHERE id = %s OR root_id = %s))"
)
_TAKERS = {TaskKind.POST: "post", TaskKind.APPLICANT: "applicant", TaskKind.OUTSIDE: "system"}


def taker(task_kind: str, choice: Choice) -> str:
    """Who takes a choice: post, applicant or system."""
    return choice.by or _TAKERS[TaskKind(task_kind)]


def require_taking(turn: Turn, held: Held, task: Task, choice: Choice) -> None:
    """Raises NotYourStep, SameHolder or HandledByOther unless the turn's actor may take the choice."""
    by = turn.by
    if by.kind is ActorKind.SYSTEM:
        return
    match taker(task.kind, choice):
        case "applicant":
            require_applicant(held.case, by)
        case "system":
            if by.kind is not ActorKind.MACHINE:
                raise NotYourStep("这一步由外部系统办理。", hint="请等待对方系统反馈。")
        case _:
            require_acting(turn, held, task)


def require_acting(turn: Turn, held: Held, task: Task) -> None:
    """Raises NotYourStep, SameHolder or HandledByOther unless the turn's actor is the one to handle a post's task."""
    if turn.by.kind is ActorKind.SYSTEM:
        return
    turn.post = post_for(task, turn.by)
    _require_unsigned_by_others(task, turn.by)
    require_other_holder(held, task, turn.by.account_id)


def post_for(task: Task, by: Actor) -> PostRef:
    """The post from which the actor may take a task. Raises NotYourStep."""
    fitting = [post for post in by.posts if post.post_type == task.post]
    # Their own organisation first: only a post above costs a query.
    for post in sorted(fitting, key=lambda post: (post.org_id != task.org_id, post.is_backup)):
        if access.may(_at_post(by, post), ACT, task.org_id):
            return post
    raise NotYourStep("这一步不由您的岗位办理。", hint="请由承办单位对应岗位的人员办理。")


def require_other_holder(held: Held, task: Task, account_id: int | None) -> None:
    """Raises SameHolder if the account took a step of this family that must be another's."""
    step = held.flow.steps[task.step]
    barred = step.not_same_as if isinstance(step, PostStep) else ()
    if not barred or account_id is None:
        return
    family_id = held.case.family_id
    ((has_taken,),) = rows.fetch(_HAS_TAKEN, [account_id, list(barred), family_id, family_id])
    if has_taken:
        raise SameHolder("承办人不能作出决定。", hint="请转给另一位有权决定的人员。")


def require_applicant(case: Case, by: Actor) -> None:
    """Raises NotYourStep unless the actor is the applicant or acts for them."""
    if case.applicant_id is None or by.acting_for != case.applicant_id:
        raise NotYourStep("这一步由申请人本人或其代办人办理。", hint="请用申请时的身份登录。")


def require_opening(applicant_id: int | None, by: Actor) -> None:
    """Raises NotYourCase for a visitor, and for a resident or agent who files for a party they do not act for."""
    if by.kind is ActorKind.ANONYMOUS:
        raise NotYourCase("请先登录。", hint="登录后再提交。")
    if by.kind in (ActorKind.RESIDENT, ActorKind.AGENT) and applicant_id not in (None, by.acting_for):
        raise NotYourCase("只能为本人或已授权的人申请。", hint="请先取得授权，或换用相应身份登录。")


def owns(case: Case, by: Actor) -> bool:
    return case.applicant_id is not None and by.acting_for == case.applicant_id


def may_see(case: Case, by: Actor) -> bool:
    """The applicant, their agent, or staff with `cases.view` where the case or one of its tasks is, or at its root."""
    if by.kind in (ActorKind.SYSTEM, ActorKind.MACHINE) or owns(case, by):
        return by.kind is not ActorKind.MACHINE
    if not by.posts:
        return False
    if access.may(by, VIEW, case.org_id):
        return True
    here = access.visible(by, Task.objects.filter(case=case), VIEW)
    above = access.visible(by, Case.objects.filter(pk=case.family_id), VIEW)
    return here.exists() or above.exists()


def visible(cases: QuerySet[Case], by: Actor) -> QuerySet[Case]:
    """`cases`, less those of which the actor sees neither the case nor a task; `may_see` for many."""
    tasks = access.visible(by, Task.objects.filter(case=OuterRef("pk")), VIEW)
    return cases.filter(access.org_filter(by, VIEW) | Exists(tasks))


def require_seeing(case: Case, by: Actor) -> None:
    """Raises NotYourCase."""
    if not may_see(case, by):
        hint = "您的岗位不管这个单位的办件，请联系承办单位。" if by.posts else "请用申请时的身份登录，或联系承办单位。"
        raise NotYourCase("您不能查看这个办件。", hint=hint)


def require_staff(turn: Turn, held: Held, permission: str) -> None:
    """Raises NotYourCase unless a post of the actor has the permission where the case or an open task of it is."""
    if turn.by.kind is not ActorKind.SYSTEM:
        turn.post = staff_post(held, turn.by, permission)


def staff_post(held: Held, by: Actor, permission: str) -> PostRef:
    """The post from which the actor has the permission where the case or an open task of it is. Raises NotYourCase."""
    # Of many who are asked only one's own organisation is looked at: a hundred others would each cost a query.
    own = {post.org_id for post in by.posts}
    orgs = [
        held.case.org_id,
        *(task.org_id for task in held.tasks.values() if not task.instance or task.org_id in own),
    ]
    for post in by.posts:
        if any(access.may(_at_post(by, post), permission, org) for org in dict.fromkeys(orgs)):
            return post
    raise NotYourCase("您的岗位不能对这个办件这样做。", hint="请联系承办单位。")


def giving_post(held: Held, task: Task, by: Actor) -> PostRef:
    """The post from which the actor may hand a task over: its own, while no other has signed for it, or a supervisor's.

    Raises NotYourStep, NotYourCase.
    """
    try:
        return staff_post(held, by, SUPERVISE)
    except NotYourCase:
        if task.assignee_id in (None, by.account_id):
            return post_for(task, by)
        raise


def may_take_over(held: Held, task: Task, account_id: int) -> bool:
    """Whether a holder of the task's post may be given it; `require_other_holder` as a question."""
    try:
        require_other_holder(held, task, account_id)
    except SameHolder:
        return False
    return account_id != task.assignee_id


def _at_post(by: Actor, post: PostRef) -> Actor:
    """The actor as holder of one post alone."""
    return Actor(kind=by.kind, name=by.name, account_id=by.account_id, party_id=by.party_id, posts=(post,))


def _require_unsigned_by_others(task: Task, by: Actor) -> None:
    if task.assignee_id is not None and task.assignee_id != by.account_id:
        raise HandledByOther("这一步已由他人签收。", hint="如需您来办，请签收人转办。")
