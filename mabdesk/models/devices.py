"""Finds out what will train on this computer, and why. Runs in the worker: it loads TensorFlow."""

import importlib
import os
import platform
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from mabdesk.models.device import LEAST_DRIVER, LEAST_MEMORY_GB, Device

_QUERY = ("--query-gpu=name,driver_version,memory.total,memory.free", "--format=csv,noheader,nounits")
_PATIENCE_S = 5
_LOADING = "TensorFlow"


@dataclass(frozen=True)
class Card:
    """A graphics card as its driver describes it; memory in GB."""

    name: str
    driver: str
    memory_gb: float
    free_gb: float


def find_device() -> Device:
    """Find out what will train. Never raises: what is wrong stands in the device's sentences."""
    fault = why_no_networks()
    if fault:
        return _cpu(fault, fault)
    card = nvidia_card()
    backend = importlib.import_module("mabdesk.models.backend")
    if backend.device_name() != "CPU":
        name = card.name if card else "graphics card"
        why = "TensorFlow found this graphics card."
        memory, driver = (card.memory_gb, card.driver) if card else (0.0, "")
        return Device("GPU", name, why, _cores(), memory, driver, measured_speed())
    return _cpu(why_cpu(card, sys.platform, platform.release()))


def why_no_networks() -> str:
    """Return why TensorFlow cannot be loaded here, "" when it can. All else works without it."""
    if not has_avx():
        return "This processor lacks AVX, which TensorFlow needs: networks cannot be trained here."
    try:
        importlib.import_module("tensorflow")
    except ImportError as error:
        if sys.platform == "win32" and "DLL" in str(error):
            return (
                f"{_LOADING} cannot be loaded ({error}). Most often the Visual C++ runtime is missing or old: install "
                "vc_redist.x64.exe of Visual Studio 2015-2022, or install mabdesk in a folder with a short path."
            )
        return f"{_LOADING} cannot be loaded ({error}): networks cannot be trained here. Install mabdesk again."
    return ""


def why_cpu(card: Card | None, system: str, release: str) -> str:
    """Say why the processor trains and no graphics card."""
    if card is None:
        return "No NVIDIA graphics card was found."
    if system == "win32":
        return (
            f"There is a {card.name}, but TensorFlow has no GPU support on Windows itself since version 2.11; "
            "it has under WSL 2."
        )
    if _major(card.driver) < LEAST_DRIVER:
        return f"The driver {card.driver} of the {card.name} is older than {LEAST_DRIVER}, which TensorFlow needs."
    if card.free_gb < LEAST_MEMORY_GB:
        return f"The {card.name} has {card.free_gb:.1f} GB free; at least {LEAST_MEMORY_GB:g} GB are needed."
    where = " under WSL 2" if "microsoft" in release.casefold() else ""
    return (
        f"There is a {card.name}{where}, but TensorFlow finds no CUDA libraries: install mabdesk with its extra [gpu]."
    )


def nvidia_card() -> Card | None:
    """Ask NVIDIA's own tool; None where there is none, or it does not answer."""
    tool = shutil.which("nvidia-smi")
    if tool is None:
        return None
    try:
        done = subprocess.run([tool, *_QUERY], capture_output=True, text=True, timeout=_PATIENCE_S, check=True)
        name, driver, total, free = (part.strip() for part in done.stdout.splitlines()[0].split(","))
        return Card(name, driver, float(total) / 1024, float(free) / 1024)
    except (OSError, subprocess.SubprocessError, ValueError, IndexError):
        return None


def has_avx(cpu_info: Path = Path("/proc/cpuinfo")) -> bool:
    """Tell whether the processor has AVX; where that cannot be asked, it is taken to have it."""
    try:
        text = cpu_info.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return True
    flags = [text_line for text_line in text.splitlines() if text_line.startswith("flags")]
    return not flags or " avx" in flags[0]


def measured_speed() -> float:
    """Measure multiply-adds a second of matrix products as large as the network's, for the time estimate."""
    left = np.random.default_rng(1).random((512, 512), dtype=np.float32)
    best = float("inf")
    for _ in range(8):
        begun = time.perf_counter()
        left @ left
        best = min(best, time.perf_counter() - begun)
    return float(512**3 / best)


def _cpu(why: str, problem: str = "") -> Device:
    cores = _cores()
    name = platform.processor() or platform.machine()
    return Device("CPU", f"{name}, {cores} cores", why, cores, 0.0, "", measured_speed(), problem)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _major(version: str) -> int:
    first = version.split(".", maxsplit=1)[0]
    return int(first) if first.isdigit() else 0
