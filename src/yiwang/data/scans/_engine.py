"""RapidOCR (extra `ocr`) as a program: a picture in, its words out, one line of JSON each; it downloads nothing.

python -m yiwang.data.scans._engine
"""

import io
import json
import resource
import struct
import sys
from pathlib import Path
from typing import Any

MEMORY_MAX = 6 << 30
PIXELS_MAX = 75_000_000
SIDE_MAX = 4000
# Words of which the reader is less sure are told too: whether they count is for others to say.
SURE_LEAST = 0.05


def engine(**more: Any) -> Any:
    """RapidOCR with the models of its own wheel, each named by its file, so that none is ever looked for elsewhere."""
    import rapidocr

    models = Path(rapidocr.__file__).parent / "models"
    named = {
        part: next(models.glob(like)) for part, like in (("Det", "*_det_*"), ("Rec", "*_rec_*"), ("Cls", "*_cls_*"))
    }
    given = {f"{part}.model_path": str(path) for part, path in named.items()}
    threads = {f"EngineConfig.onnxruntime.{kind}_op_num_threads": 1 for kind in ("intra", "inter")}
    return rapidocr.RapidOCR(
        params={"Global.log_level": "critical", "Global.text_score": SURE_LEAST, **given, **threads, **more}
    )


def picture(content: bytes) -> Any:
    """Upright and in colour, as the reader wants it, and by how much it was made smaller."""
    import numpy as np
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = PIXELS_MAX
    with Image.open(io.BytesIO(content), formats=("JPEG", "PNG")) as opened:
        upright = ImageOps.exif_transpose(opened).convert("RGB")
    width, height = upright.size
    if max(width, height) > SIDE_MAX:
        upright.thumbnail((SIDE_MAX, SIDE_MAX))
    return np.asarray(upright)[:, :, ::-1], width, height


def read(reader: Any, content: bytes) -> dict[str, Any]:
    pixels, width, height = picture(content)
    came = reader(pixels, return_word_box=True)
    scale = width / pixels.shape[1]
    words = []
    if came.txts:
        for text, sure, corners, signs in zip(came.txts, came.scores, came.boxes, came.word_results, strict=True):
            words.append({
                "text": text, "sure": _each(text, float(sure), signs),
                "corners": [[round(float(x) * scale, 1), round(float(y) * scale, 1)] for x, y in corners],
            })  # fmt: skip
    return {"width": width, "height": height, "words": words}


def _each(text: str, sure: float, signs: Any) -> list[float]:
    """How sure the reader is of each sign of a word; of the whole where it does not say."""
    said = [(sign, float(each)) for word, each, _ in signs for sign in word]
    told, given = "".join(sign for sign, _ in said), iter(said)
    if told != text.replace(" ", ""):
        return [round(sure, 3)] * len(text)
    return [1.0 if sign == " " else round(next(given)[1], 3) for sign in text]


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_MAX, MEMORY_MAX))
    reader = engine(**{"Global.return_word_box": True, "Global.return_single_char_box": True})
    while head := sys.stdin.buffer.read(4):
        content = sys.stdin.buffer.read(struct.unpack("!I", head)[0])
        print(json.dumps(read(reader, content), ensure_ascii=False), flush=True)  # noqa: T201 (the answer)


if __name__ == "__main__":
    main()
