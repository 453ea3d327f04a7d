"""A model in a file scores pictures as it was trained to, or is refused when it is loaded."""

from __future__ import annotations

import asyncio
import io
import math
import sys
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from bot.errors import CheckFailed, Retry, SettingsError
from bot.pictures.shrink import pixels_of
from bot.providers.onnx_check import OnnxCheck
from tests.pictures.samples import png
from tests.providers.tiny_model import (
    FLOAT16,
    INT64,
    REDNESS,
    TIMM,
    UINT8,
    TinyModel,
    laid_out,
    loads_models,
)

if TYPE_CHECKING:
    from pathlib import Path

    from bot.providers.image import Size

RED, GREEN, GREY = (255, 0, 0), (0, 255, 0), (128, 128, 128)
TRANSFORMERS = {"id2label": {"0": "nsfw", "1": "normal"}}
PREPROCESSOR = {"image_mean": [0.5] * 3, "image_std": [0.5] * 3, "size": {"height": 4, "width": 4}}
RAW = {**PREPROCESSOR, "do_normalize": False}  # colours from 0 to 1


def plain(colour: tuple[int, int, int], size: tuple[int, int] = (40, 30)) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


async def scores(path: Path, picture: bytes) -> dict[str, float]:
    score = await OnnxCheck(path, pixels=pixels_of).check(picture, prompt="")
    assert score.score == score.by_category[score.category] == max(score.by_category.values())
    return {label: round(share, 3) for label, share in score.by_category.items()}


def sigmoid(number: float) -> float:
    return round(1 / (1 + math.exp(-number)), 3)


@loads_models
@pytest.mark.parametrize(
    "beside",
    [
        {"config": TIMM},
        {"config": TRANSFORMERS, "preprocessor_config": PREPROCESSOR},
        {"labels": "\nnsfw\nSafe for work\n", "preprocessor_config": PREPROCESSOR},
    ],
)
async def test_what_stands_beside_a_model_is_read(
    tmp_path: Path, beside: dict[str, object]
) -> None:
    """As timm and as transformers lay it out, and as anybody can; red is 1, -1, -1 to the model."""
    path = laid_out(tmp_path, REDNESS, **beside)
    assert [*(await scores(path, plain(RED))).values()] == [sigmoid(6)]
    assert [*(await scores(path, plain(GREEN))).values()] == [sigmoid(-6)]


@loads_models
async def test_a_model_in_the_folder_of_exports_is_described_above_it(tmp_path: Path) -> None:
    """With sides that only the description tells."""
    (tmp_path / "onnx").mkdir()
    model = replace(REDNESS, shape=("batch", "channels", "height", "width"))
    path = laid_out(tmp_path, model, config=TRANSFORMERS, preprocessor_config=PREPROCESSOR)
    path = path.rename(tmp_path / "onnx/model.onnx")
    assert await scores(path, plain(RED)) == {"nsfw": sigmoid(6)}


@loads_models
@pytest.mark.parametrize("model", [replace(REDNESS, kind=FLOAT16), REDNESS])
async def test_numbers_of_either_precision_go_in(tmp_path: Path, model: TinyModel) -> None:
    path = laid_out(tmp_path, model, config=TIMM)
    assert await scores(path, plain(RED)) == {"NSFW": sigmoid(6)}


@loads_models
async def test_a_model_that_takes_bytes_gets_them_as_they_are(tmp_path: Path) -> None:
    """Colours last, and of two classes without a name the second means harm."""
    weights = [(0.0, 0.01, 0.0), (0.01, 0.0, 0.0)]
    model = TinyModel(weights=weights, shape=(1, 4, 6, 3), kind=UINT8)
    path = laid_out(tmp_path, model)
    assert await scores(path, plain(RED)) == {"unsafe": sigmoid(2.55)}


@loads_models
async def test_probabilities_are_taken_as_they_are_and_harmless_classes_left_out(
    tmp_path: Path,
) -> None:
    """Five classes that exclude each other."""
    weights = [(0.0, 9.0, 0.0), (3.0, 0.0, 0.0), (0.0, 9.0, 0.0), (2.0, 0.0, 0.0), (0.0, 0.0, 0.0)]
    model = TinyModel(weights=weights, ends_in="Softmax")
    path = laid_out(
        tmp_path,
        model,
        labels="drawings\nhentai\nneutral\nporn\nsexy",
        preprocessor_config=PREPROCESSOR,
    )
    shares = [math.exp(one) for one in (-9, 3, -9, 2, 0)]
    assert await scores(path, plain(RED)) == {
        label: round(shares[at] / sum(shares), 3)
        for at, label in ((1, "hentai"), (3, "porn"), (4, "sexy"))
    }


@loads_models
@pytest.mark.parametrize("ends_in", ["", "Sigmoid"])
async def test_labels_that_do_not_exclude_each_other_are_scored_each(
    tmp_path: Path, ends_in: str
) -> None:
    """None of them need be harmless."""
    model = TinyModel(weights=[(3, 0, 0), (3, 0, -1)], ends_in=ends_in)
    config = {
        "id2label": {"0": "blood", "1": "gore"},
        "problem_type": "multi_label_classification",
    }
    path = laid_out(tmp_path, model, config=config, preprocessor_config=PREPROCESSOR)
    assert await scores(path, plain(RED)) == {"blood": sigmoid(3), "gore": sigmoid(4)}


@loads_models
@pytest.mark.parametrize(("ends_in", "output"), [("", "logits"), ("Sigmoid", "scores")])
async def test_a_single_class_is_the_harm(tmp_path: Path, ends_in: str, output: str) -> None:
    """What calls itself logits is none, even where it lies between 0 and 1."""
    model = TinyModel(weights=[(0.9, 0, 0)], ends_in=ends_in, output=output)
    path = laid_out(tmp_path, model, preprocessor_config=RAW)
    assert await scores(path, plain(RED)) == {"unsafe": sigmoid(0.9)}


@loads_models
async def test_small_numbers_that_do_not_make_1_are_no_probabilities(tmp_path: Path) -> None:
    """Of classes that exclude each other."""
    model = TinyModel(weights=[(0.3, 0, 0), (0.9, 0, 0)])
    path = laid_out(tmp_path, model, preprocessor_config=RAW)
    assert await scores(path, plain(RED)) == {"unsafe": sigmoid(0.6)}


@loads_models
async def test_a_probability_that_rounding_has_lifted_is_1(tmp_path: Path) -> None:
    path = laid_out(tmp_path, TinyModel(weights=[(1.005, 0, 0)]), preprocessor_config=RAW)
    assert await scores(path, plain(RED)) == {"unsafe": 1.0}


@loads_models
async def test_colours_go_in_as_the_preprocessor_says(tmp_path: Path) -> None:
    """Unscaled, and by its mean rather than that of the training."""
    preprocessor = {"image_mean": [90, 100, 0], "image_std": [50] * 3, "do_rescale": False}
    path = laid_out(tmp_path, REDNESS, config=TIMM, preprocessor_config=preprocessor)
    assert await scores(path, plain((100, 80, 0))) == {"NSFW": sigmoid(1.8)}


@loads_models
async def test_a_model_leaves_the_machine_to_the_bot_and_tells_nobody(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It has one core; telemetry, which builds for Windows have, is off."""
    calls: list[str] = []
    monkeypatch.setattr("onnxruntime.disable_telemetry_events", lambda: calls.append("off"))
    check = OnnxCheck(laid_out(tmp_path, REDNESS, config=TIMM), pixels=pixels_of)
    assert check._model._session.get_session_options().intra_op_num_threads == 1
    assert calls == ["off"]


@loads_models
async def test_the_sides_of_a_wide_picture_are_looked_at(tmp_path: Path) -> None:
    """A cut-out of its middle would be green alone."""
    buffer = io.BytesIO()
    picture = Image.new("RGB", (400, 100), RED)
    picture.paste(GREEN, (100, 0, 300, 100))
    picture.save(buffer, "PNG")
    (share,) = (await scores(laid_out(tmp_path, REDNESS, config=TIMM), buffer.getvalue())).values()
    assert 0.4 < share < 0.6


@loads_models
async def test_pictures_are_looked_at_in_a_thread_one_by_one(tmp_path: Path) -> None:
    """The loop goes on, and a crowd of them does not fill the memory."""
    begun: list[int] = []
    may_end = threading.Event()

    def pixels(whole: bytes, size: Size) -> bytes:
        begun.append(threading.get_ident())
        assert may_end.wait(30)
        return pixels_of(whole, size)

    check = OnnxCheck(laid_out(tmp_path, REDNESS, config=TIMM), pixels=pixels)
    asked = [asyncio.create_task(check.check(plain(GREY), prompt="")) for _ in range(3)]
    while not begun:
        await asyncio.to_thread(threading.get_ident)
    await asyncio.to_thread(threading.get_ident)  # a thread was free for the second
    assert len(begun) == 1
    may_end.set()
    await asyncio.gather(*asked)
    assert len(begun) == 3
    assert threading.get_ident() not in begun


@loads_models
async def test_what_cannot_be_decoded_has_no_score(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cut off, with broken pixels, or with too many."""
    check = OnnxCheck(laid_out(tmp_path, REDNESS, config=TIMM), pixels=pixels_of)
    broken = bytearray(png(width_px=400, height_px=300))
    broken[500:600] = bytes(100)
    for picture in (b"", png()[:-30], bytes(broken)):
        with pytest.raises(CheckFailed) as caught:
            await check.check(picture, prompt="")
        assert caught.value.retry is Retry.NO
    monkeypatch.setattr("bot.pictures.shrink.LARGEST_AREA_PX", 100)
    with pytest.raises(CheckFailed, match="too many pixels"):
        await check.check(plain(GREY), prompt="")


@loads_models
async def test_a_model_that_turns_out_to_be_another_gives_no_score(tmp_path: Path) -> None:
    """Grey pictures got what may be probabilities; a red one gets what is none."""
    model = TinyModel(weights=[(3, -1, -1)])
    path = laid_out(tmp_path, model, preprocessor_config=RAW)
    assert await scores(path, plain(GREY)) == {"unsafe": round(128 / 255, 3)}
    with pytest.raises(CheckFailed, match="are no probabilities") as caught:
        await scores(path, plain(RED))
    assert caught.value.retry is Retry.BACKOFF


THREE = TinyModel(weights=[(3, 0, 0), (0, 3, 0), (0, 0, 3)])
FOUR = TinyModel(weights=[(3, 0, 0, 0), (0, 3, 0, 0)], shape=(1, 4, 4, 4))
INFINITE = TinyModel(weights=[(3e38, 3e38, 3e38), (0, 0, 0)])
ODD: dict[str, tuple[TinyModel, dict[str, object], str]] = {
    "no labels": (THREE, {"preprocessor_config": PREPROCESSOR}, "3 classes, and labels.txt or"),
    "too few labels": (THREE, {"config": TIMM}, "3 classes, and labels.txt or config.json names 2"),
    "one label twice": (REDNESS, {"config": TIMM, "labels": "nsfw\nnsfw"}, "2 classes"),
    "labels that say nothing": (
        REDNESS,
        {"config": {**TIMM, "id2label": {"0": "LABEL_0", "1": "LABEL_1"}}},
        "which of LABEL_0, LABEL_1 is harmless? name it safe in labels.txt",
    ),
    "harmless alone": (REDNESS, {"config": TIMM, "labels": "SFW\nsafe"}, "none of its classes"),
    "labels with a gap": (
        REDNESS,
        {"config": {**TIMM, "id2label": {"0": "nsfw", "2": "sfw"}}},
        "does not count from 0",
    ),
    "no colours told": (REDNESS, {"config": TRANSFORMERS}, "image_mean, image_std"),
    "no deviation": (
        REDNESS,
        {"config": TRANSFORMERS, "preprocessor_config": {**PREPROCESSOR, "image_std": [1, 0, 1]}},
        "image_mean, image_std",
    ),
    "a config of another kind": (REDNESS, {"config": [1]}, "config.json beside it cannot be read"),
    "sides told nowhere": (
        replace(REDNESS, shape=("batch", 3, "height", "width")),
        {"config": TRANSFORMERS, "preprocessor_config": {**PREPROCESSOR, "size": {}}},
        "told by no preprocessor_config.json",
    ),
    "sides beyond sense": (replace(REDNESS, shape=(1, 3, 4, 9000)), {"config": TIMM}, "the size"),
    "a batch": (replace(REDNESS, shape=(4, 3, 4, 4)), {"config": TIMM}, "for one picture"),
    "four colours": (FOUR, {"config": TIMM}, "in three colours"),
    "other numbers": (replace(REDNESS, kind=INT64), {"config": TIMM}, "expected one input, for a"),
    "words as well": (replace(REDNESS, further_inputs=1), {"config": TIMM}, "expected one input"),
    "four colours, said by nobody": (
        replace(FOUR, shape=("batch", "channels", 4, 4)),
        {"config": TIMM},
        "MatMul",
    ),
    "no end of numbers": (INFINITE, {"config": TIMM}, "expected the scores of at most"),
}


@loads_models
@pytest.mark.parametrize("what", ODD)
def test_an_odd_model_is_refused_when_it_is_loaded(
    tmp_path: Path, what: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """With the setting, the file, and what was expected; nothing else is printed about it."""
    model, beside, said = ODD[what]
    path = laid_out(tmp_path, model, **beside)
    with pytest.raises(SettingsError) as caught:
        OnnxCheck(path, pixels=pixels_of)
    (problem,) = caught.value.problems
    assert problem.startswith(f"PICTURE_CHECK_MODEL: {path}: ")
    assert said in problem
    assert capfd.readouterr() == ("", "")


@loads_models
@pytest.mark.parametrize("content", [b"", b"not ONNX", REDNESS.encoded()[:-60]])
def test_what_is_no_model_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(content)
    with pytest.raises(SettingsError, match="expected a model in ONNX"):
        OnnxCheck(path, pixels=pixels_of)


@loads_models
def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.onnx", tmp_path):
        with pytest.raises(SettingsError, match="cannot be read"):
            OnnxCheck(path, pixels=pixels_of)


def test_without_the_extra_a_model_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(SettingsError, match="needs the extra `check` of zeuxis"):
        OnnxCheck(laid_out(tmp_path, REDNESS, config=TIMM), pixels=pixels_of)
