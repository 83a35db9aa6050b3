"""The home's area: residents and their record, medicines, bags, the belongings list."""

from redbag.web.home import bags, belongings_list, blueprint, medicines, records, residents

__all__ = ["bags", "belongings_list", "blueprint", "medicines", "records", "residents"]
