"""The oracle: calls of the ECS agent and the containers, written from the pages of AWS and not from taskrole.

Nothing here may import the features of taskrole.taskdef, whose mistakes it should detect. Only the options, which
are input, are shared.
"""

from tests.proof.agent.needs import Need, Needs, Place
from tests.proof.agent.task import needs_of

__all__ = ["Need", "Needs", "Place", "needs_of"]
