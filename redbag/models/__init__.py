"""Tables, one file a subject. Importing this package registers every table."""

from sqlalchemy import event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper

from redbag.models.access import AccessLane, Guest, LabelAccess
from redbag.models.accounts import Account, Invitation, Membership, SignInAttempt, UserSession
from redbag.models.attention import BagReport, MailSetting, Outgoing, Seen, SiteChange
from redbag.models.audit import AuditEntry, IdempotencyKey
from redbag.models.bags import Bag, BagEvent, Label
from redbag.models.custody import CustodyRecord, Signature
from redbag.models.devices import Device, DevicePerson, Pin
from redbag.models.dictionary import DmdConcept, DmdRelease, DmdWord
from redbag.models.emergency_looks import EmergencyLook
from redbag.models.field_keys import FieldKey
from redbag.models.figures import FigureCount, FigureDelta
from redbag.models.history import HistoryHome, StayHistory
from redbag.models.imports import BroughtIn
from redbag.models.organisations import Organisation, UsualBelonging, Ward
from redbag.models.packs import ItemCheck, MedicineLine, MedicineOutcome, PackVersion, TransferItem
from redbag.models.papers import KeptFile, Paper, PaperPage
from redbag.models.pathway import JourneyFigures
from redbag.models.place_changes import PlaceChange
from redbag.models.residents import Medicine, RecordSection, Resident
from redbag.models.second_factors import AuthenticatorApp, Passkey, RecoveryCode
from redbag.models.single_sign_on import LinkedIdentity, SignInPlace, SignInService, SpentSignIn
from redbag.models.tablets import Tablet
from redbag.models.transfers import Stay, Task, Transfer, TransferEvent

__all__ = [
    "AccessLane",
    "Account",
    "AuditEntry",
    "AuthenticatorApp",
    "Bag",
    "BagEvent",
    "BagReport",
    "BroughtIn",
    "CustodyRecord",
    "Device",
    "DevicePerson",
    "DmdConcept",
    "DmdRelease",
    "DmdWord",
    "EmergencyLook",
    "FieldKey",
    "FigureCount",
    "FigureDelta",
    "Guest",
    "HistoryHome",
    "IdempotencyKey",
    "Invitation",
    "ItemCheck",
    "JourneyFigures",
    "KeptFile",
    "Label",
    "LabelAccess",
    "LinkedIdentity",
    "MailSetting",
    "Medicine",
    "MedicineLine",
    "MedicineOutcome",
    "Membership",
    "Organisation",
    "Outgoing",
    "PackVersion",
    "Paper",
    "PaperPage",
    "Passkey",
    "Pin",
    "PlaceChange",
    "RecordSection",
    "RecoveryCode",
    "Resident",
    "Seen",
    "SignInAttempt",
    "SignInPlace",
    "SignInService",
    "Signature",
    "SiteChange",
    "SpentSignIn",
    "Stay",
    "StayHistory",
    "Tablet",
    "Task",
    "Transfer",
    "TransferEvent",
    "TransferItem",
    "UserSession",
    "UsualBelonging",
    "Ward",
]


def _refuse(_mapper: Mapper[object], _connection: Connection, target: object) -> None:
    raise RuntimeError(f"{type(target).__name__} rows are never changed or deleted; append another.")


for _append_only in (
    AuditEntry,
    TransferEvent,
    PackVersion,
    ItemCheck,
    BagEvent,
    KeptFile,
    PaperPage,
    Signature,
    CustodyRecord,
    SiteChange,
):
    event.listen(_append_only, "before_update", _refuse)
    event.listen(_append_only, "before_delete", _refuse)
