"""Made-up messages: of three matters, each said in many ways, and of nothing in common."""

from random import Random

MATTERS = (
    ("滨河苑开发商捆绑销售车位", "购房必须同时购买车位", "十二万元车位强制捆绑", "业主拒绝捆绑购买车位"),
    ("丽景新城旁搅拌站噪音扰民", "搅拌站粉尘大夜里不停工", "搅拌站离小区不到百米", "居民被搅拌站吵得睡不着"),
    ("人民路菜市场门口井盖破损", "井盖塌陷有老人摔伤", "井盖碎裂三天没人管", "井盖缺失夜里很危险"),
)
PLACES = ("滨河苑", "丽景新城", "人民路菜市场")


def said(matter: int, seed: int) -> str:
    random = Random(seed)
    first, *more = MATTERS[matter]
    words = random.sample(more, 2)
    return (
        f"{random.choice(('投诉', '反映', '请问'))}{first}。{PLACES[matter]}居民说{words[0]}，{words[1]}，请领导关注。"
    )


def other(seed: int) -> str:
    """Words nobody else says, in a frame that everybody uses."""
    random = Random(seed)
    words = ["".join(chr(random.randrange(0x5000, 0x9000)) for _ in range(6)) for _ in range(5)]
    return f"反映{words[0]}的问题{seed}。居民说{'，'.join(words[1:])}，请领导关注。"
