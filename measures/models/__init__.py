from .agreements import CooperationAgreement
from .guidelines import Goal, Guideline
from .indicators import Indicator, IndicatorValue
from .measures import Measure, MeasureMilestone, ProgressUpdate
from .reports import CouncilReport, GroupStatement
from .resolutions import Resolution, ResolutionPoint

__all__ = [
    "CooperationAgreement",
    "CouncilReport",
    "Goal",
    "GroupStatement",
    "Guideline",
    "Indicator",
    "IndicatorValue",
    "Measure",
    "MeasureMilestone",
    "ProgressUpdate",
    "Resolution",
    "ResolutionPoint",
]
