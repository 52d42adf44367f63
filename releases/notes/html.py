"""Notes as a page of their own, to be mailed or kept: headings, lists and links, no style. Escaped by the template."""

from django.template.loader import render_to_string

from releases.notes.values import Notes
from releases.notes.words import summary_of


def html_of(notes: Notes) -> str:
    return render_to_string("releases/notes/document.html", {"notes": notes, "summary": summary_of(notes)})
