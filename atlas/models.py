"""Every model of Atlas, so that the metadata is whole wherever this is imported."""

from atlas.billing import models as billing
from atlas.catalogue import models as catalogue
from atlas.cmdb import models as cmdb
from atlas.crm import models as crm
from atlas.db import Base
from atlas.demo import models as demo
from atlas.events import Event
from atlas.field import models as field
from atlas.gis import models as gis
from atlas.helpdesk import models as helpdesk
from atlas.itsm import models as itsm
from atlas.itsm import verdict_models as verdicts
from atlas.learning import models as learning
from atlas.ledger import models as ledger
from atlas.network import models as network
from atlas.orders import models as orders

metadata = Base.metadata

__all__ = [
    "Base",
    "Event",
    "billing",
    "catalogue",
    "cmdb",
    "crm",
    "demo",
    "field",
    "gis",
    "helpdesk",
    "itsm",
    "learning",
    "ledger",
    "metadata",
    "network",
    "orders",
    "verdicts",
]
