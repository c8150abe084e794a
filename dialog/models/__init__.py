from .attendance import Attendance, Guest, Invited
from .base import DatePrecision, Numbered, Recorded, Searchable, SearchableQuerySet
from .bodies import Body, Membership, Seat, Term
from .declarations import Declaration, Principle, Signature
from .documents import Document
from .fields import District, FieldOfAction, Strand
from .followings import Following
from .invitations import BodyInvitation
from .jobs import JobRun
from .meetings import AgendaItem, Meeting, StandingItem
from .member_lists import GroupMail, MemberImport
from .merging import Merge
from .minutes import Correction, Decision, Minutes, MinutesEntry, Rectification
from .numbers import NumberSeries
from .organizations import Organization
from .pages import BarrierReport, SitePage
from .people import Person, User
from .preferences import DigestEntry, MailPreference
from .processes import Milestone, Phase, Process
from .recommendations import Addressee, Recommendation
from .steps import Step
from .synonyms import Synonyms
from .tasks import Task

__all__ = [
    "Addressee",
    "AgendaItem",
    "Attendance",
    "BarrierReport",
    "Body",
    "BodyInvitation",
    "Correction",
    "DatePrecision",
    "Decision",
    "Declaration",
    "DigestEntry",
    "District",
    "Document",
    "FieldOfAction",
    "Following",
    "GroupMail",
    "Guest",
    "Invited",
    "JobRun",
    "MailPreference",
    "Meeting",
    "MemberImport",
    "Membership",
    "Merge",
    "Milestone",
    "Minutes",
    "MinutesEntry",
    "NumberSeries",
    "Numbered",
    "Organization",
    "Person",
    "Phase",
    "Principle",
    "Process",
    "Recommendation",
    "Recorded",
    "Rectification",
    "Searchable",
    "SearchableQuerySet",
    "Seat",
    "Signature",
    "SitePage",
    "StandingItem",
    "Step",
    "Strand",
    "Synonyms",
    "Task",
    "Term",
    "User",
]
