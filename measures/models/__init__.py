from .agreements import CooperationAgreement
from .attachments import Attachment
from .guidelines import Goal, Guideline
from .indicators import Indicator, IndicatorValue
from .measures import Measure, MeasureMilestone, ProgressUpdate
from .progress import ProgressDraft, Reminder
from .questions import Question
from .reports import CouncilReport, GroupStatement, ReportEdition, ReportMail, ReportPart, ReportText
from .resolutions import Resolution, ResolutionPoint
from .transfers import TableImport

__all__ = [
    "Attachment",
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
    "Question",
    "Reminder",
    "ReportEdition",
    "ReportMail",
    "ReportPart",
    "ReportText",
    "Resolution",
    "ResolutionPoint",
    "TableImport",
]
