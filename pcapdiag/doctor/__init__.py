"""What is wrong with a capture file, what could still be read of it, and what to do.

The room's contract: :func:`examine` returns the :class:`Diagnosis` of one file; ``FORMATS`` renders
several.
"""

from pcapdiag.doctor.examine import examine
from pcapdiag.doctor.formats import FORMATS
from pcapdiag.doctor.model import Complaint, Diagnosis

__all__ = ["FORMATS", "Complaint", "Diagnosis", "examine"]
