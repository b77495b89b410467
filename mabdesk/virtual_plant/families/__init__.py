"""Families of randomised plants that a prior learns from: three ways to write a CHO fed-batch down. Simulated data."""

from mabdesk.virtual_plant.families.drawing import draw_plants, draw_settings
from mabdesk.virtual_plant.families.family import LEVERS, VARIABLES, Plants
from mabdesk.virtual_plant.families.simulation import FAMILIES, Course, course, measured, simulate
from mabdesk.virtual_plant.families.sites import FamilyCampaign, family_campaign

__all__ = [
    "FAMILIES",
    "LEVERS",
    "VARIABLES",
    "Course",
    "FamilyCampaign",
    "Plants",
    "course",
    "draw_plants",
    "draw_settings",
    "family_campaign",
    "measured",
    "simulate",
]
