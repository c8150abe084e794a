import re

from django.core.validators import RegexValidator
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from .base import Recorded, Searchable, SearchableQuerySet

#: As people write it: digits, and signs between them.
PHONE = RegexValidator(
    r"^\+?[0-9][0-9 /()\-–]{2,}$", _("Bitte geben Sie eine Telefonnummer ein, zum Beispiel 02306 104-0.")
)


class OrganizationQuerySet(SearchableQuerySet):
    def visible_to(self, user: object) -> "OrganizationQuerySet":
        """Institutions are public."""
        return self


class Organization(Recorded, Searchable):
    """Institution: whom a person speaks for, who carries a measure."""

    class Kind(models.TextChoices):
        CITY = "city", _("Stadtverwaltung")
        AUTHORITY = "authority", _("Behörde")
        SCHOOL = "school", _("Schule")
        DAY_CARE = "day_care", _("Kindertageseinrichtung")
        ASSOCIATION = "association", _("Verein oder Verband")
        RELIGIOUS = "religious", _("Religionsgemeinschaft")
        COMPANY = "company", _("Unternehmen")
        UNIVERSITY = "university", _("Hochschule oder Akademie")
        PARTY = "party", _("Partei oder Fraktion")
        OTHER = "other", _("Sonstige")

    search_fields = ("name", "short_name")

    name = models.CharField(_("Name"), max_length=160, unique=True)
    short_name = models.CharField(_("Kurzname"), max_length=60, blank=True)
    slug = models.SlugField(_("Adresse"), max_length=80, unique=True)
    kind = models.CharField(_("Art"), max_length=12, choices=Kind)
    email = models.EmailField(
        _("Postfach"), blank=True, help_text=_("bekommt Erinnerungen, wenn die Ansprechpersonen nicht antworten")
    )
    phone = models.CharField(_("Telefon"), max_length=40, blank=True, validators=[PHONE])
    public_email = models.EmailField(_("E-Mail-Adresse für alle"), blank=True)
    website = models.URLField(_("Internetseite"), blank=True)
    part_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="parts",
        verbose_name=_("gehört zu"),
    )

    objects = OrganizationQuerySet.as_manager()

    class Meta:
        verbose_name = _("Institution")
        verbose_name_plural = _("Institutionen")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("organization", args=[self.slug])

    @property
    def phone_address(self) -> str:
        """The telephone number as a link dials it."""
        return f"tel:{re.sub(r'[^0-9+]', '', self.phone)}"

    @property
    def mail_address(self) -> str:
        """Where mail reaches the institution itself, or an empty string; as a person's."""
        return self.email
