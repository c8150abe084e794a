from .attendance import Attendance, Guest, Invited
from .base import DatePrecision, Numbered, Recorded, Searchable, SearchableQuerySet
from .bodies import Body, Membership, Seat
from .declarations import Declaration, Principle, Signature
from .documents import Document
from .fields import District, FieldOfAction, Strand
from .jobs import JobRun
from .meetings import AgendaItem, Meeting, Minutes, StandingItem, Task
from .numbers import NumberSeries
from .organizations import Organization
from .people import Person, User
from .processes import Milestone, Phase, Process
from .recommendations import Addressee, Recommendation
from .steps import Step

__all__ = [
    "Addressee",
    "AgendaItem",
    "Attendance",
    "Body",
    "DatePrecision",
    "Declaration",
    "District",
    "Document",
    "FieldOfAction",
    "Guest",
    "Invited",
    "JobRun",
    "Meeting",
    "Membership",
    "Milestone",
    "Minutes",
    "NumberSeries",
    "Numbered",
    "Organization",
    "Person",
    "Phase",
    "Principle",
    "Process",
    "Recommendation",
    "Recorded",
    "Searchable",
    "SearchableQuerySet",
    "Seat",
    "Signature",
    "StandingItem",
    "Step",
    "Strand",
    "Task",
    "User",
]
