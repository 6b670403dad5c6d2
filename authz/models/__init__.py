from authz.models.case import PolicyCase
from authz.models.decision import DecisionRecord
from authz.models.draft import DraftEffect, PolicyDraft
from authz.models.entity import Entity, EntityType
from authz.models.policy import Policy, PolicyVersion
from authz.models.role import Role, RoleGrant
from authz.models.stamp import Stamp

__all__ = [
    "DecisionRecord",
    "DraftEffect",
    "Entity",
    "EntityType",
    "Policy",
    "PolicyCase",
    "PolicyDraft",
    "PolicyVersion",
    "Role",
    "RoleGrant",
    "Stamp",
]
