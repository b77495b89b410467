"""The settings of the data steps; light, for forms and the command line."""

from dataclasses import dataclass

from mabdesk.options import option


@dataclass(frozen=True)
class ReadingOptions:
    """How a file is read where it does not say so itself, and what happens to what cannot be used."""

    duplicates: str = option(
        "refuse",
        "Duplicate times",
        "Two different values at one time of a batch: refuse, or keep their mean or the first",
        choices=("refuse", "mean", "first"),
    )
    unreadable: str = option(
        "refuse",
        "Unreadable cells",
        "Text or an error (#DIV/0!) in a cell of numbers: refuse, or take it as not measured and list it",
        choices=("refuse", "not_measured"),
    )
    time_unit: str = option(
        "auto",
        "Time unit",
        "Unit of a time column whose header does not say it; auto: ask",
        choices=("auto", "hours", "days", "minutes"),
    )
    dates: str = option(
        "auto",
        "Text dates",
        "Whether 03/04/2026 has the day or the month first; auto: as the whole column proves, else ask",
        choices=("auto", "day_first", "month_first"),
    )
    decimal: str = option(
        "auto",
        "Decimal mark",
        "Mark of decimals in text cells; auto: as the whole column proves, else ask",
        choices=("auto", "point", "comma"),
    )
    time_zone: str = option(
        "",
        "Time zone",
        "Zone of time stamps, such as Europe/Berlin; none: clocks as written, an hour off where they were changed",
    )
    batch_from: str = option(
        "auto",
        "Batch id from",
        "Where the batch of a table without a batch column is named; auto: as the files show, else ask",
        choices=("auto", "sheet", "file", "title"),
    )
    blank_batches: str = option(
        "refuse",
        "Rows without a batch",
        "Rows with values below a batch id: refuse, or take the id above them",
        choices=("refuse", "fill_down"),
    )
    censored: str = option(
        "not_measured",
        "Censored values",
        "What <0.1 or >20 becomes: not measured, the limit, or half of a lower limit; each one is listed",
        choices=("not_measured", "limit", "half_limit"),
    )
    odd_scale: str = option(
        "refuse",
        "Odd scale",
        "A batch whose values are about 1000 times those of the others: refuse and ask for its unit, or keep",
        choices=("refuse", "keep"),
    )
    overlapping: str = option(
        "refuse",
        "Batches in two files",
        "A batch whose values two files hold: refuse, keep the first file's or the last file's",
        choices=("refuse", "keep_first", "keep_last"),
    )
    dates_without_time: str = option(
        "refuse",
        "Dates without a time",
        "Inoculations or samples with dates alone, beside stamps with a time of day: refuse, or take midnight",
        choices=("refuse", "midnight"),
    )
    mapping: str = ""  # TOML that the user confirmed; what it does not tell is proposed


@dataclass(frozen=True)
class SplitOptions:
    """How batches are set apart."""

    locked: float = option(0.1, "Locked away", "Share of batches set aside for the final test", low=0, high=0.5)
    test: float = option(0.2, "Test", "Share of the others that a trained model is measured on", low=0.05, high=0.5)
    validation: float = option(
        0.15, "Validation", "Share of the training batches that early stopping may look at", low=0.05, high=0.5
    )


@dataclass(frozen=True)
class CleaningPlan:
    """What is cleaned and how; everything that is estimated for it comes from training batches."""

    outliers: str = option(
        "residual",
        "Outliers",
        "residual: from a rolling median (online) or from the training batches at the same culture day (offline); "
        "plain: the paper's interquartile rule on raw values, which cuts real growth; none",
        choices=("residual", "plain", "none"),
    )
    iqr_factor: float = option(3.0, "IQR factor", "Fences in interquartile ranges", low=1, high=10)
    short_gap_h: float = option(2.0, "Short gap", "Gaps up to this long are interpolated", unit="h", low=0, high=12)
    long_gaps: str = option(
        "knn",
        "Long gaps",
        "knn: nearest neighbors among the training batches at the same culture hour; leave: stay empty",
        choices=("knn", "leave"),
    )
    neighbors: int = option(5, "Neighbors", "Neighbors that fill a long gap", low=1, high=50)


@dataclass(frozen=True)
class WindowPlan:
    """How windows are cut. Empty inputs or targets stand for what the data have (`plan_for` fills them in)."""

    preset: str = option(
        "soft_sensor",
        "Preset",
        "soft_sensor: titer now, no titer among the inputs; forecast: titer ahead, last known titer among the inputs",
        choices=("soft_sensor", "forecast"),
    )
    length_h: float = option(24.0, "Length", "Hours that one window covers", unit="h", low=4, high=96)
    stride_h: float = option(6.0, "Stride", "Hours between drawn windows", unit="h", low=0.25, high=48)
    step_h: float = option(
        1.0,
        "Time step",
        "0.25 keeps every quarter-hourly value as in the paper; 1 is five times faster, as good",
        unit="h",
        low=0.25,
        high=6,
    )
    horizon_h: float = option(24.0, "Horizon", "How far ahead the forecast preset looks", unit="h", low=1, high=168)
    inputs: tuple[str, ...] = option((), "Inputs", "Variables the model sees; none: all that fit the preset")
    tags: tuple[str, ...] = option(
        ("cell_line", "scale"),
        "Tags",
        "Properties of a batch that the model sees, where two batches share one",
    )
    targets: tuple[str, ...] = option((), "Targets", "Titer first, then one quality attribute; none: as the data have")


@dataclass(frozen=True)
class PhaseRule:
    """When a culture is in which phase, by its viable cell density and viability."""

    growth_rate: float = option(
        0.15,
        "Growth rate",
        "Growth while viable cells multiply at least this fast; before the first such day: inoculation",
        unit="1/day",
        low=0.01,
        high=2,
    )
    decline_rate: float = option(
        0.10,
        "Death rate",
        "Decline once viable cells fall at least this fast after growth",
        unit="1/day",
        low=0.01,
        high=2,
    )
    decline_viability: float = option(
        80.0, "Viability", "Decline once viability falls below this after growth", unit="%", low=1, high=100
    )
