from .agreements import CooperationAgreement
from .guidelines import Goal, Guideline
from .indicators import Indicator, IndicatorValue
from .measures import Measure, MeasureMilestone, ProgressUpdate
from .progress import ProgressDraft, Reminder
from .reports import CouncilReport, GroupStatement, ReportEdition, ReportMail, ReportText
from .resolutions import Resolution, ResolutionPoint
from .transfers import TableImport

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
    "ProgressDraft",
    "ProgressUpdate",
    "Reminder",
    "ReportEdition",
    "ReportMail",
    "ReportText",
    "Resolution",
    "ResolutionPoint",
    "TableImport",
]
