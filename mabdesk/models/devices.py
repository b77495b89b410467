"""Finds out what will train on this computer, and why. Runs in the worker: it loads Keras and its backend."""

import ctypes
import importlib
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from mabdesk import backends
from mabdesk.models.device import LEAST_DRIVER, LEAST_MEMORY_GB, Device

_QUERY = ("--query-gpu=name,driver_version,memory.total,memory.free", "--format=csv,noheader,nounits")
_PATIENCE_S = 5
_CPU_INFO = Path("/proc/cpuinfo")
_BACKEND = "mabdesk.models.backend"  # by name: it loads Keras
_NOT_ON_WINDOWS = {
    "tensorflow": "TensorFlow has no GPU support on Windows itself since version 2.11",
    "jax": "JAX has no GPU support on Windows itself",
}
_GET_CUDA = {
    "tensorflow": "install mabdesk with its extra [gpu]",
    "torch": "install PyTorch's build with CUDA (README, A graphics card)",
    "jax": "install it with CUDA (README, A graphics card)",
}
_AVX_ON_WINDOWS = 39  # PF_AVX_INSTRUCTIONS_AVAILABLE


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
        return _cpu("Simple models need no more.", fault)
    card, backend = nvidia_card(), importlib.import_module(_BACKEND)
    speed: float = backend.measured_speed()
    used = f"Keras {importlib.metadata.version('keras')} with {backends.version(backend.NAME)}"
    if backend.device_name() == "CPU":
        return _cpu(why_cpu(card, sys.platform, platform.release(), backend.NAME), speed=speed, backend=used)
    why = f"{backends.label_of(backend.NAME)} found this graphics card."
    if card is None:
        return Device("GPU", "graphics card", why, _cores(), speed=speed, backend=used)
    return Device("GPU", card.name, why, _cores(), card.memory_gb, card.driver, speed, backend=used)


def why_no_networks() -> str:
    """Return why Keras' backend cannot be loaded here, "" when it can. All else works without it."""
    name = backends.chosen()
    label = backends.label_of(name)
    if not has_avx():  # to load it would end the process
        return f"This processor lacks AVX, which {label} needs: networks cannot be used here."
    if name != backends.DEFAULT and (missing := backends.problem(name)):
        return f"{missing} Without it networks cannot be used; `mabdesk device --backend tensorflow` goes back."
    try:
        importlib.import_module(_BACKEND)
    except Exception as error:  # a mismatched library raises what it likes
        if sys.platform == "win32" and "DLL" in str(error):
            return (
                f"{label} cannot be loaded ({error}). Most often the Visual C++ runtime is missing or old: install "
                "vc_redist.x64.exe of Visual Studio 2015-2022, or install mabdesk in a folder with a short path."
            )
        return f"{label} cannot be loaded ({error}): networks cannot be used here. Install mabdesk again."
    return ""


def why_cpu(card: Card | None, system: str, release: str, backend: str = backends.DEFAULT) -> str:
    """Say why the processor trains and no graphics card."""
    if card is None:
        return "No NVIDIA graphics card was found."
    label = backends.label_of(backend)
    if system == "win32" and backend != "torch":
        return (
            f"There is a {card.name}, but {_NOT_ON_WINDOWS.get(backend, backend)}; under WSL 2 it has, or use PyTorch: "
            "README, A graphics card."
        )
    if _major(card.driver) < LEAST_DRIVER:
        return f"The driver {card.driver} of the {card.name} is older than {LEAST_DRIVER}, which {label} needs."
    if card.free_gb < LEAST_MEMORY_GB:
        return f"The {card.name} has {card.free_gb:.1f} GB free; at least {LEAST_MEMORY_GB:g} GB are needed."
    where = " under WSL 2" if "microsoft" in release.casefold() else ""
    return (
        f"There is a {card.name}{where}, but {label} finds no CUDA libraries: "
        f"{_GET_CUDA.get(backend, _GET_CUDA['jax'])}."
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


def has_avx(cpu_info: Path = _CPU_INFO) -> bool:
    """Tell whether the processor has AVX; where that cannot be asked, it is taken to have it."""
    if hasattr(ctypes, "windll"):
        return bool(ctypes.windll.kernel32.IsProcessorFeaturePresent(_AVX_ON_WINDOWS))
    flags = _first(cpu_info, "flags")
    return not flags or "avx" in flags.split()


def _first(cpu_info: Path, name: str) -> str:
    """Return what stands behind a name in Linux' list of processors, "" where there is none."""
    try:
        lines = cpu_info.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return ""
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "")


def _cpu(why: str, problem: str = "", speed: float = 0.0, backend: str = "") -> Device:
    cores = _cores()
    name = _first(_CPU_INFO, "model name") or platform.processor() or platform.machine()
    return Device("CPU", f"{name}, {cores} cores", why, cores, 0.0, "", speed, problem, backend)


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _major(version: str) -> int:
    first = version.split(".", maxsplit=1)[0]
    return int(first) if first.isdigit() else 0
