from .agreements import CooperationAgreement
from .guidelines import Goal, Guideline
from .indicators import Indicator, IndicatorValue
from .measures import Measure, MeasureMilestone, ProgressUpdate
from .reports import CouncilReport, GroupStatement, ReportEdition, ReportMail, ReportText
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
    "ReportEdition",
    "ReportMail",
    "ReportText",
    "Resolution",
    "ResolutionPoint",
]
