"""Questions about PostgreSQL's `inet` that Django does not know."""

from typing import Any

from django.db.models import GenericIPAddressField
from django.db.models.lookups import Lookup


@GenericIPAddressField.register_lookup
class InNetwork(Lookup):
    """`ip__in_network="192.0.2.0/24"`: the address lies in the network, or is it. A b-tree on the column serves it."""

    lookup_name = "in_network"
    prepare_rhs = False  # a network is no address

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        column, column_parameters = self.process_lhs(compiler, connection)
        return f"{column} <<= %s::inet", (*column_parameters, str(self.rhs))
