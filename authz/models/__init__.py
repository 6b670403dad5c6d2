from authz.models.policy import Policy, PolicyVersion
from authz.models.role import Role, RoleGrant
from authz.models.stamp import Stamp

__all__ = ["Policy", "PolicyVersion", "Role", "RoleGrant", "Stamp"]
