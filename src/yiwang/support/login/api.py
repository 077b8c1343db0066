"""Signing in and out and choosing for whom one acts, as typed JSON."""

from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils import timezone
from ninja import Schema, Status

from yiwang.kernel.base.contracts import Actor
from yiwang.kernel.base.http import ApiRouter, actor, enforce
from yiwang.kernel.people import queries as people
from yiwang.support.login import _sitting, actions
from yiwang.support.login.contracts import CodeNeeded, Door, Method, Purpose, SecondFactorNeeded, Step


class SignInBody(Schema):
    """`code` is the second factor's, asked for where it is set up."""

    door: Door = Door.PERSON
    identifier: str
    password: str
    uscc: str = ""
    code: str = ""


class PhoneBody(Schema):
    phone: str
    purpose: Purpose


class RegisterBody(Schema):
    name: str
    id_number: str
    phone: str
    code: str
    password: str


class ActingBody(Schema):
    """`mandate_id` null: act for oneself again."""

    mandate_id: int | None = None


class PostOut(Schema):
    post_id: int
    org_id: int
    post_type: str
    title: str
    is_backup: bool


class MandateOut(Schema):
    id: int
    kind: str
    principal_name: str
    scope: list[str]
    ends_on: str


class WhoOut(Schema):
    """Who the caller is; `csrf_token` goes into X-CSRFToken of every request that changes something."""

    kind: str
    name: str
    account_id: int | None
    acting_for: int | None
    mandate_id: int | None
    posts: list[PostOut]
    csrf_token: str


class SentOut(Schema):
    """`code` is told in the demo place only."""

    sent: bool
    code: str


router = ApiRouter(tags=["登录"], audience="public")
own_router = ApiRouter(tags=["登录"], audience="signed-in")


@router.get("/whoami", response=WhoOut, summary="我是谁")
def whoami(request: HttpRequest) -> WhoOut:
    return _who(request, actor(request))


@router.post("/session", response=WhoOut, summary="登录")
def sign_in(request: HttpRequest, body: SignInBody) -> WhoOut:
    at, by = timezone.now(), actor(request)
    admission = actions.sign_in(
        door=body.door, identifier=body.identifier, password=body.password, uscc=body.uscc, by=by, at=at
    )
    if admission.step is Step.ENROL:
        raise SecondFactorNeeded("您的岗位要求动态口令。", hint="请先在登录页面设置动态口令。")
    if admission.step is Step.CODE and not body.code:
        raise CodeNeeded("请提供动态口令。", hint="在 code 中填写6位动态口令。")
    if admission.step is Step.CODE:
        actions.pass_second_factor(account_id=admission.account_id, code=body.code, by=by, at=at)
    ways = (Method.PASSWORD, Method.TIME_CODE) if admission.step is Step.CODE else (Method.PASSWORD,)
    return _who(request, _sitting.start(request, admission.account_id, admission.mandate_id, by_way_of=ways, at=at))


@router.post("/codes", response=SentOut, summary="发送短信验证码")
def send_code(request: HttpRequest, body: PhoneBody) -> SentOut:
    code = actions.send_code(phone=body.phone, purpose=body.purpose, by=actor(request), at=timezone.now())
    return SentOut(sent=True, code=code)


@router.post("/accounts", response={201: WhoOut}, summary="注册个人账号并登录")
def register(request: HttpRequest, body: RegisterBody) -> Status[WhoOut]:
    at = timezone.now()
    account = actions.register(**body.dict(), by=actor(request), at=at)
    ways = (Method.TEXT_MESSAGE, Method.PASSWORD)
    return Status(201, _who(request, _sitting.start(request, account.id, None, by_way_of=ways, at=at)))


@router.delete("/session", response={204: None}, summary="退出")
def sign_out(request: HttpRequest) -> Status[None]:
    enforce(request, "signed-in")
    _sitting.end(request, at=timezone.now())
    return Status(204, None)


@own_router.get("/mandates", response=list[MandateOut], summary="我可以代谁办理")
def mandates(request: HttpRequest) -> list[MandateOut]:
    held = people.mandates_of(actor(request).account_id or 0, at=timezone.now())
    return [
        MandateOut(
            id=mandate.id,
            kind=mandate.kind.value,
            principal_name=mandate.principal_name,
            scope=list(mandate.scope),
            ends_on=mandate.ends_on.isoformat(),
        )
        for mandate in held
    ]


@own_router.put("/acting", response=WhoOut, summary="选择为谁办理")
def acting(request: HttpRequest, body: ActingBody) -> WhoOut:
    return _who(request, _sitting.change_principal(request, body.mandate_id, at=timezone.now()))


def _who(request: HttpRequest, who: Actor) -> WhoOut:
    return WhoOut(
        kind=who.kind.value,
        name=who.name,
        account_id=who.account_id,
        acting_for=who.acting_for,
        mandate_id=who.mandate_id,
        posts=[
            PostOut(
                post_id=post.post_id,
                org_id=post.org_id,
                post_type=post.post_type,
                title=post.title,
                is_backup=post.is_backup,
            )
            for post in who.posts
        ],
        csrf_token=get_token(request),
    )
