"""The settings of the process model; light, for forms and the command line."""

from dataclasses import dataclass

from mabdesk.options import option

SHIPPED, OFF = "shipped", "off"
LEAST_BATCHES = 8


@dataclass(frozen=True)
class ProcessOptions:
    """How a process model is fitted to a site's batches."""

    prior: str = option(
        SHIPPED,
        "Prior",
        "What the networks start from: shipped, weights learned from simulated plants; off, nothing; or a file that "
        "`mabdesk pretrain` wrote",
    )
    members: int = option(10, "Members", "Networks, each of which leaves out one fold of batches", low=3, high=20)
    level: float = option(0.95, "Band level", "Share of real samples that bands are meant to hold", low=0.5, high=0.99)
    quick: bool = option(False, "Quick", "A third of the steps: a first look, not for decisions")
