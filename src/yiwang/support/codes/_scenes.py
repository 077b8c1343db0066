"""Scenes in force: for the scanner's choice, and as the holder reads them."""

from django.utils.translation import get_language

from yiwang.kernel.access import queries as access
from yiwang.kernel.base.contracts import Actor, PostRef
from yiwang.kernel.packs import queries as packs
from yiwang.kernel.packs.contracts import Pack
from yiwang.support.codes import _values
from yiwang.support.codes.contracts import SCAN, LearnedView, NoSuchScene, NotYourScene, SceneView
from yiwang.support.codes.kinds import SCENE, ScenePack, scenes


def pack_of(scene_id: str) -> Pack:
    """Raises NoSuchScene."""
    found = packs.find(SCENE, scene_id)
    if found is None:
        raise NoSuchScene("没有这个扫码场景。", hint="请核对场景编号。")
    return found


def post_for(by: Actor, scene: ScenePack) -> PostRef:
    """The post from which somebody may scan in a scene. Raises NotYourScene, NotPermitted."""
    post = next((each for each in by.posts if each.post_type in scene.posts), None)
    if post is None:
        raise NotYourScene("您的岗位不能在这个场景扫码。", hint="请换一个场景，或联系本单位负责人确认岗位。")
    access.require(by, SCAN, at_org=post.org_id)
    return post


def open_to(by: Actor) -> list[SceneView]:
    """The scenes in which somebody may scan."""
    held = {post.post_type for post in by.posts}
    if not access.may_anywhere(by, SCAN):
        return []
    return [view(pack) for pack in scenes() if held & set(pack.as_type(ScenePack).posts)]


def view(pack: Pack) -> SceneView:
    body = pack.as_type(ScenePack)
    return SceneView(
        id=pack.id,
        title=pack.title.in_language(get_language()),
        purpose=body.purpose.in_language(get_language()),
        mode=body.mode,
        holders=tuple(sorted(body.kinds)),
        learns=tuple(LearnedView(name, _values.title_of(name)) for name in body.learns),
        is_once=body.once,
        keep_days=body.keep_days,
        fills=tuple(body.fills),
        level=body.level,
    )
