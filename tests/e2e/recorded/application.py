"""An application: its calls, on resources that an administrator created."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from tests.e2e.enforcing import ACCOUNT, REGION, EnforcingAws


@dataclass
class Use:
    """Resources of a name, and their user. `kept` are returned values that later calls need."""

    aws: EnforcingAws
    name: str
    credentials: dict[str, str] | None = None
    kept: dict[str, Any] = field(default_factory=dict)

    @cached_property
    def clients(self) -> dict[str, Any]:
        return {}

    def client(self, service: str) -> Any:
        """Return the client of a service, created once."""
        if service not in self.clients:
            self.clients[service] = self.aws.client(service, self.credentials)
        return self.clients[service]

    def arn(self, service: str, resource: str) -> str:
        """Return an ARN in this account and region."""
        return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}"

    @property
    def queue(self) -> str:
        """The URL of the queue."""
        return f"{self.aws.endpoint}/{ACCOUNT}/{self.name}"


Step = Callable[[Use], object]


@dataclass(frozen=True)
class Application:
    """The steps of an application in order, and other steps on its resources that it never takes.

    `without_resource` names the steps whose action cannot be limited to a resource.
    """

    name: str
    prepare: Step
    steps: Mapping[str, Step]
    other_actions: Mapping[str, Step]
    without_resource: frozenset[str] = frozenset()

    @property
    def resources(self) -> str:
        """The name of its resources."""
        return f"{self.name}-data"

    @property
    def other_resources(self) -> str:
        """The longer name of other resources."""
        return f"{self.resources}-2"
