"""A role in an account, for the verbs that accept `live:NAME` as a source; boto3 is imported only for that."""

from __future__ import annotations

from taskrole.arns import Context
from taskrole.policy.documents.statements import Document
from taskrole.policy.effective_role import EffectiveRole


def read_live_role(name: str, context: Context, documents: dict[str, Document], option: str) -> EffectiveRole:
    """Return the role with a name or ARN in the account. Raises InputError, ToolError."""
    from taskrole.live.effective_role import live_role

    return live_role(name, context, documents, option)
