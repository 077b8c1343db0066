"""What must be in place before anything runs: secrets, translations, front-end files."""

import fcntl

from yiwang.site import assets, messages, paths, secrets
from yiwang.site.progress import step


def prepare() -> None:
    """Make what is missing; a second call costs a few file look-ups."""
    paths.HOME.mkdir(parents=True, exist_ok=True)
    with open(paths.HOME / ".preparing", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        secrets.ensure()
        messages.compile_all()
        if not assets.are_ready():
            with step("fetching front-end files 获取前端文件"):
                assets.install()
