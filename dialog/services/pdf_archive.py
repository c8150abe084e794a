"""What makes one file keep two standards: PDF/UA-1, to be read by everyone, and PDF/A-3a, to be kept for good.

WeasyPrint writes the one or the other. Its PDF/A-3a lacks a single thing for PDF/UA-1: the metadata must say so. PDF/A
wants each property in the metadata declared that it does not know itself, so the declaration goes in with it.
"""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

#: The end of the one RDF block that the metadata consist of; a second block would be against the standard.
_END = b"</rdf:RDF>"

#: PDF/UA identification (ISO 14289-1, 5) and its declaration (ISO 19005-3, 6.6.2.3).
_READABLE = b"""<rdf:Description xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" rdf:about="" pdfuaid:part="1"/>\
<rdf:Description xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"\
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"\
 rdf:about=""><pdfaExtension:schemas><rdf:Bag><rdf:li rdf:parseType="Resource">\
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>\
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>\
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>\
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">\
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>\
<pdfaProperty:category>internal</pdfaProperty:category>\
<pdfaProperty:description>Part of ISO 14289 to which the document conforms</pdfaProperty:description>\
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"""


@dataclass(frozen=True)
class Attached:
    """A file inside a document; `relationship` says what it is to it: `Source`, `Data`, `Alternative`, `Supplement`."""

    name: str
    content: bytes
    description: str
    relationship: str = "Data"


def declare_readable(_document: Any, pdf: Any) -> None:
    """Adds to a PDF/A-3a that WeasyPrint is about to write (a `finisher`) that it is PDF/UA-1 as well."""
    number = int(pdf.catalog["Metadata"].split()[0])
    metadata = pdf.objects[number]
    (xmp,) = metadata.stream
    if xmp.count(_END) != 1:
        raise ValueError("The document's metadata are not one RDF block.")
    metadata.stream = [xmp.replace(_END, _READABLE + _END)]


def attachments(files: Iterable[Attached], *, at: dt.datetime) -> list[Any]:
    """`files` as WeasyPrint takes them, all bearing the date `at`."""
    from weasyprint import Attachment

    return [
        Attachment(
            string=file.content,
            name=file.name,
            description=file.description,
            # In one time zone, so that the same moment gives the same bytes.
            created=at.astimezone(dt.UTC),
            modified=at.astimezone(dt.UTC),
            relationship=file.relationship,
        )
        for file in files
    ]
