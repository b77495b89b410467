"""README's pictures: taken of the real window, on a screen of its own where there is Xvfb.

To take them anew: MABDESK_PICTURES=keep .venv/bin/python -m pytest tests/gui/test_pictures.py
"""

import contextlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import fabricated
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QImage

from mabdesk.project.project import open_project

ROOT = Path(__file__).resolve().parents[2]
KEPT = ROOT / "resources" / "pictures"
IN_README = sorted(re.findall(r"resources/pictures/(\w+)\.png", (ROOT / "README.md").read_text(encoding="utf-8")))
SIZE = (1366, 740)
SCREEN = "1920x1200x24"
COARSE = (64, 35)  # dots: letters and dates blur, what stands where does not
MADE_UP = "Made-up values, to show the page: no model gave them."
MOST_APART = 12.0  # of 255, on average


@contextlib.contextmanager
def screen() -> Iterator[dict[str, str]]:
    """Give an X server of one's own, as environment; where there is none, Qt draws without a screen."""
    program = shutil.which("Xvfb")
    if program is None:
        yield {"QT_QPA_PLATFORM": "offscreen"}
        return
    read, write = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(write), "-screen", "0", SCREEN, "-nolisten", "tcp"],
        pass_fds=[write], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    os.close(write)
    try:
        with os.fdopen(read) as told:
            yield {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{told.readline().strip()}"}
    finally:
        server.terminate()
        server.wait(10)


@pytest.fixture(scope="module")
def taken(study, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("pictures")
    project = shutil.copyfile(study.project, folder / "study.mabdesk")
    with open_project(project) as made:
        ids = made.latest("dataset").value.dataset.ids
    explained = fabricated.attribution(ids[:24])
    planning = fabricated.fabricated_process_training()
    planned = replace(planning, evaluation=replace(planning.evaluation, verdict=MADE_UP))
    fabricated.keep(
        project,  # real ones take minutes; the picture itself says that these are none
        search=replace(fabricated.search(), verdict=MADE_UP),
        transfer=replace(fabricated.transfer(), verdict=MADE_UP),
        attribution=replace(explained, baseline_sentence=MADE_UP),
        **{
            "process-model": planned,
            "process-attribution": fabricated.fabricated_process_attribution(planning),
            "forecast": fabricated.fabricated_forecast(planning),
        },
    )
    script = [sys.executable, str(Path(__file__).with_name("take_pictures.py")), str(project), str(folder)]
    with screen() as environment:
        ended = subprocess.run(
            [*script, "light", f"{SIZE[0]}x{SIZE[1]}"], env={**os.environ, **environment, "PYTHONPATH": str(ROOT)},
            capture_output=True, text=True, check=False, timeout=240,
        )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    if os.environ.get("MABDESK_PICTURES") == "keep":
        KEPT.mkdir(exist_ok=True)
        for name in IN_README:
            shutil.copyfile(folder / f"{name}.png", KEPT / f"{name}.png")
    return folder


def coarse(path: Path) -> np.ndarray:
    picture = QImage(str(path)).convertToFormat(QImage.Format.Format_Grayscale8)
    small = picture.scaled(*COARSE, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation)
    rows = np.frombuffer(small.constBits(), np.uint8).reshape(COARSE[1], small.bytesPerLine())
    return rows[:, : COARSE[0]].astype(float)


def test_that_no_picture_lies_about_that_the_readme_does_not_show():
    assert sorted(path.stem for path in KEPT.glob("*")) == IN_README
    assert len(IN_README) >= 5


@pytest.mark.parametrize("name", IN_README)
def test_that_a_picture_in_the_readme_shows_the_window_as_it_is(name, taken):
    new, kept = taken / f"{name}.png", KEPT / f"{name}.png"
    assert (QImage(str(new)).width(), QImage(str(new)).height()) == SIZE
    assert np.ptp(coarse(new)) > 50
    apart = float(np.abs(coarse(new) - coarse(kept)).mean())
    assert apart < MOST_APART, f"{name} differs by {apart:.1f}: take the pictures anew, see the top of this file"
