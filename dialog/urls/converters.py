"""How parts of an address are read."""

from django.urls import register_converter


class PublicNumber:
    """A public number such as `M-2009-012`: series, year, running number."""

    regex = r"[A-Z]{1,4}-[0-9]{4}-[0-9]{3,}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


register_converter(PublicNumber, "number")
