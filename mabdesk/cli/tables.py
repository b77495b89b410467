"""Plain-text tables and numbers for people, and plain values for `--json`."""

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mabdesk.wording import significant


def table(headers: Sequence[str], rows: Sequence[Sequence[Any]]) -> str:
    """Lay rows out in columns: texts to the left, numbers to the right with three significant figures."""
    cells = [[cell(value) for value in row] for row in rows]
    widths = [max(len(line[i]) for line in [list(headers), *cells]) for i in range(len(headers))]
    right = [bool(rows) and all(_number(row[i]) for row in rows) for i in range(len(headers))]
    lines = [list(headers), ["-" * width for width in widths], *cells]
    return "\n".join(
        "  ".join(
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in lines
    )


def cell(value: Any) -> str:
    """Write one value: three significant figures, a dash where there is none."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, bool) or not isinstance(value, float):
        return str(value)
    return significant(value)


def three_decimals(value: float) -> str | None:
    """Write a figure with three decimals, never as -0.000; None where there is none."""
    text = f"{value:.3f}"
    return None if np.isnan(value) else text.removeprefix("-") if float(text) == 0 else text


def six_figures(value: float | None) -> float | None:
    """Round a figure for a file; None where there is none."""
    return None if value is None or not np.isfinite(value) else float(f"{value:.6g}")


def to_json(value: Any) -> str:
    """Write a value as one JSON object; NaN and infinities become null, arrays lists, dataclasses objects."""
    return json.dumps(_plain(value), ensure_ascii=False, allow_nan=False, indent=1)


def _plain(value: Any) -> Any:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def _number(value: Any) -> bool:
    return value is None or (isinstance(value, int | float) and not isinstance(value, bool))
