"""The administrator's area: what is missing, organisations with their wards and bags, people."""

from redbag.web.admin import blueprint, checklist, organisations, people, records, wards

__all__ = ["blueprint", "checklist", "organisations", "people", "records", "wards"]
