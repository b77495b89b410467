"""How batches become the history of a process model; light, for forms and the command line."""

from dataclasses import dataclass

from mabdesk.options import option


@dataclass(frozen=True)
class HistoryOptions:
    """What the records do not say of feeds, and which setpoints and tags the process model is told."""

    feed_glucose: float | None = option(
        None,
        "Glucose in the feed",
        "Glucose of the feed that is recorded as feed added; none: as the setpoints of the feeds tell, else unknown",
        unit="g/L",
        low=0,
        high=1000,
    )
    glucose_feed_glucose: float | None = option(
        None,
        "Glucose in the glucose feed",
        "Glucose of the feed that is recorded as glucose feed added; none: unknown",
        unit="g/L",
        low=0,
        high=1000,
    )
    feed_record: str = option(
        "auto",
        "Feed record",
        "Whether feed added beside a sample is the total so far, what came since the sample before or what came right "
        "after it; auto: as culture volume and course of the training batches show",
        choices=("auto", "total", "since_last_sample", "after_sample"),
    )
    levers: tuple[str, ...] = option((), "Levers", "Setpoints that the model is told; none: all that were recorded")
    tags: tuple[str, ...] = option(
        ("cell_line", "scale"), "Tags", "Properties of a batch that the model is told, where batches carry them"
    )
