"""How much the bands hold: a table, and sentences beside the plot."""

import math
import re
from collections.abc import Sequence

from mabdesk.analysis.parts import PARTED_BY
from mabdesk.analysis.results import Coverage, Evaluation, Predictions
from mabdesk.gui.numbers import figures
from mabdesk.gui.sheet import Sheet
from mabdesk.gui.views.errors_by_part import order_of
from mabdesk.gui.views.predicted import band_name
from mabdesk.models.settings import KINDS

CALIBRATED, RAW = "calibrated", "dropout"
BANDS = {CALIBRATED: "Calibrated", RAW: "Dropout, as in the paper"}
NO_BANDS = "No bands were measured here. Compare again to have them."
NOTES = (
    "Covered: share of the real samples inside the band, of batches that took no part in making it.",
    "Width: mean distance of the band's ends.",
)
_MOST = 3  # sentences beside the plot
_BAND, _FOLD = re.compile(r"\bbands?\b", re.IGNORECASE), re.compile(r"^Fold [^,:]+[,:] ")


def coverage_sheet(found: Evaluation | Predictions, target: str, models: Sequence[int]) -> Sheet:
    """Return one row a model, band and part: asked and covered share in %, mean width, samples, batches."""
    unit = found.units[found.targets.index(target)]
    width = f"Mean width ({unit})" if unit and unit != "-" else "Mean width"
    headers = ("Model", "Band", "By", "Part", "Asked (%)", "Covered (%)", width, "Samples", "Batches")
    labels = _labels(found)
    chosen = [list(labels)[m] for m in models]
    rows = [row for row in found.coverage if row.target == target and row.model in chosen]
    order = order_of(rows)
    rows.sort(key=lambda row: (chosen.index(row.model), list(BANDS).index(row.band), order[row.by, row.part]))
    cells = tuple((labels[row.model], *_cells(row)) for row in rows)
    return Sheet(f"Coverage of the bands, {target}", headers, cells, NOTES)


def sentences(found: Evaluation | Predictions, target: str, models: Sequence[int]) -> tuple[str, ...]:
    """Say how much the bands of the drawn models held, and why there is none where there is none."""
    labels = _labels(found)
    kinds = [list(labels)[m] for m in models][:_MOST]
    held = {kind: _held(found, kind, target) for kind in kinds}
    there = {labels[kind]: rows for kind, rows in held.items() if rows}
    whose = "of this file" if isinstance(found, Predictions) else "of batches that took no part"
    whys = _whys(found, models)
    if not there:
        return whys
    if len(there) == 1:
        label, rows = next(iter(there.items()))
        first, *rest = (_share(row) for row in rows)
        samples = f"{rows[0].n} samples {whose}"
        name = f"{band_name(rows[0].level)} of {label}: " if rows[0].band == CALIBRATED else f"Dropout alone, {label}: "
        more = f"; dropout as in the paper: {rest[0]}" if rest else ""
        return (f"{name}{first} of {samples}{more}.", *whys)
    said = [f"{label} {_share(rows[0])}{_raw(rows)}" for label, rows in there.items()]
    rows = next(iter(there.values()))
    return (f"{band_name(found.level)}s hold, of {rows[0].n} samples {whose}: {', '.join(said)}.", *whys)


def _held(found: Evaluation | Predictions, kind: str, target: str) -> tuple[Coverage, ...]:
    """Return what is known of all samples: of the calibrated band, then of dropout."""
    mine = [r for r in found.coverage if (r.model, r.target, r.by) == (kind, target, "all")]
    known = [row for row in mine if math.isfinite(row.covered)]
    return tuple(sorted(known, key=lambda row: list(BANDS).index(row.band)))


def _raw(rows: Sequence[Coverage]) -> str:
    return f" (dropout as in the paper {_share(rows[1])})" if len(rows) > 1 else ""


def _whys(found: Evaluation | Predictions, models: Sequence[int]) -> tuple[str, ...]:
    """Return the notes that say why a band of a drawn model is missing, each once however many folds say it."""
    names = [KINDS[kind].label for kind in _labels(found)]  # notes name the kind alone
    mine = [names[m] for m in models]
    said = []
    for note in filter(_BAND.search, found.notes):
        head, colon, why = _FOLD.sub("", note).partition(": ")
        listed, bracket, where = head.partition(" (")
        whose = [name for name in listed.split(", ") if name in names]
        if not whose:
            said.append(f"{head}{colon}{why}")
        elif drawn := [name for name in mine if name in whose]:
            said.append(f"{', '.join(drawn)}{bracket}{where}{colon}{why}")
    return tuple(dict.fromkeys(said))[:_MOST]


def _labels(found: Evaluation | Predictions) -> dict[str, str]:
    if isinstance(found, Predictions):
        return {found.kind: found.label}
    return dict(zip(found.models, found.labels, strict=True))


def _cells(row: Coverage) -> tuple[object, ...]:
    by = "All samples" if row.by == "all" else PARTED_BY.get(row.by, row.by)
    part = "" if row.by == "all" else row.part
    return (BANDS[row.band], by, part, 100 * row.level, 100 * row.covered, row.width, row.n, row.batches)


def _share(row: Coverage) -> str:
    return f"{figures(100 * row.covered)} %"
