"""What a header can mean beside a variable: batch, time, start, end, kind of event, remark."""

from mabdesk.data.reading.headings import DAYS, ELAPSED, HOURS, Heading, is_time_unit
from mabdesk.data.variables import recognize, slug

# In the order of preference: a table may have a run, a vessel and a batch column at once.
BATCH = (
    "batch", "batchid", "batchno", "batchnumber", "batchnr", "batchname", "batchcode", "batchrecord", "batches", "charge",
    "chargennummer", "ansatz", "lot", "lotno", "lotid", "lotnumber", "run", "runid", "runno", "runname", "runnumber",
    "experiment", "experimentid", "experimentname", "expid", "cultureid", "culture", "fermentation", "fermentationid",
    "bioreactorid", "reactorid", "vesselid", "bioreactor", "reactor", "vessel",
)  # fmt: skip
DATES = frozenset(
    "date timestamp datetime dateandtime datetimestamp sampledate samplingdate dateofsampling sampledatetime localtime "
    "measurementdate measurementtime analysisdate acquisitiontime datetimelocal datum datumzeit eventdate".split()
)
STARTS = frozenset(
    "start starttime startdate startdatetime inoculation inoculationtime inoculationdate inoculationdatetime inoculated "
    "inoculatedat cultureStart startofculture inoc inoctime inocdate begin t0 dateofinoculation batchstart runstart".lower().split()
)
ENDS = frozenset("end endtime enddate harvestdate harvestdatetime harvested harvestedat batchend runend stop".split())
KINDS = frozenset("event eventtype eventkind kind type action activity eventname".split())
TEXTS = frozenset("text comment comments detail details description remark remarks note notes amount kommentar".split())
CELL_LINES = frozenset("cellline clone line cellclone cell celltype host zelllinie".split())
SCALES = frozenset(
    "scale vesselsize reactorsize bioreactorscale scalel reactorscale vesselscale productionscale".split()
)
TAGS = frozenset(
    "site operator plant medium media feedmedium basalmedium product molecule project campaign suite phase mode "
    "location lab department stage process platform".split()
)


def key(name: str) -> str:
    """Bring a name into the form of the lists here."""
    return slug(name).replace("_", "")


def is_time(found: Heading) -> bool:
    """Tell whether a header names a point or a span of time for each row."""
    name = key(found.name)
    return name in DATES | HOURS | DAYS or (name in ELAPSED and (not found.unit or is_time_unit(found.unit)))


def tag_name(found: Heading) -> str:
    """Return the name of the tag that a header means, "" when it is none that is known."""
    name = key(found.name)
    if name in CELL_LINES:
        return "cell_line"
    if name in SCALES:
        return "scale"
    return slug(found.name) if name in TAGS else ""


def is_meaningful(found: Heading) -> bool:
    """Tell whether a header names anything that a batch record has."""
    name = key(found.name)
    return (
        name in BATCH
        or name in STARTS | ENDS | KINDS | TEXTS
        or is_time(found)
        or bool(tag_name(found))
        or recognize(found.name, "" if found.odd_unit else found.unit) is not None
    )
