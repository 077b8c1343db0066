"""Made-up messages as people send them to a hotline: some of one matter said in many ways, most of nothing in common."""

from random import Random

_OPENINGS = ("反映", "投诉", "请问", "想问一下", "本人反映", "业主反映", "我是附近居民，反映")
_CLOSINGS = ("请尽快处理。", "希望有关部门核实。", "请给个说法。", "盼回复。", "已经影响正常生活。")
_SINCE = ("三天了", "半个月了", "从上个月开始", "每天晚上", "周末尤其严重", "下雨以后")
_WHERE = ("小区", "花园", "新村", "路口", "市场", "学校门口", "河边", "工地", "地下车库", "公交站")
_MATTERS = (
    "路灯不亮", "井盖破损", "噪音扰民", "垃圾没有清运", "停水没有通知", "物业乱收费", "油烟直排", "占道经营", "道路坑洼",
    "暖气不热", "公交不停站", "绿化带被毁", "违法搭建", "电梯故障", "下水道堵塞", "工资没有发", "退费困难", "快递站占用消防通道",
)  # fmt: skip
_SIGNS = "滨湖望江安澜云溪松竹梅兰金银翠碧清和平顺昌盛华明光远大新春夏秋冬东西南北"
SAME_SHARE = 0.3
"""This share of messages is about one of some hundred places, so that there are topics to be found."""


def message(n: int) -> str:
    """The message of a number: the same in every run."""
    random = Random(n)
    where = _place(random.randrange(300)) if random.random() < SAME_SHARE else _place(1000 + n)
    matter = _MATTERS[hash_of(where) % len(_MATTERS)] if n % 3 else random.choice(_MATTERS)
    details = "，".join(random.sample(_SINCE, 2))
    number = random.randrange(1, 400)
    return (
        f"{random.choice(_OPENINGS)}{where}{matter}，{details}，{number}号附近最明显。"
        f"之前打过{random.randrange(1, 5)}次电话，{where}的居民都说{matter}没有人管。{random.choice(_CLOSINGS)}"
    )


def hash_of(text: str) -> int:
    """A number of a text that does not change from run to run."""
    return sum(ord(sign) * place for place, sign in enumerate(text, start=1))


def _place(number: int) -> str:
    random = Random(-number - 1)
    return "".join(random.choices(_SIGNS, k=3)) + random.choice(_WHERE)
