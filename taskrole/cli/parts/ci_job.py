"""The GitHub Actions or GitLab CI job that a command runs in, from its environment variables."""

from __future__ import annotations

from collections.abc import Mapping

RULES_PAGE = "docs/review-rules.md"


def is_pull_request(environment: Mapping[str, str]) -> bool:
    """Return whether this is a GitHub Actions or GitLab CI job for a pull request or merge request."""
    is_merge_request = environment.get("CI_PIPELINE_SOURCE") == "merge_request_event"
    return environment.get("GITHUB_EVENT_NAME", "").startswith("pull_request") or is_merge_request


def rules_page(environment: Mapping[str, str]) -> str:
    """Return the URL of the page of rules on the default branch of the CI job's repository, or an empty string.

    The merge commit of a pull request is deleted eventually, which would break links to it.
    """
    server, repository = (environment.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY"))
    if server and repository:
        return f"{server}/{repository}/blob/HEAD/{RULES_PAGE}"
    project, branch = (environment.get(f"CI_{name}", "") for name in ("PROJECT_URL", "DEFAULT_BRANCH"))
    return f"{project}/-/blob/{branch}/{RULES_PAGE}" if project and branch else ""


def this_run(environment: Mapping[str, str]) -> str:
    """Return the URL of the current GitHub Actions run or GitLab CI job, or an empty string."""
    parts = [environment.get(f"GITHUB_{name}", "") for name in ("SERVER_URL", "REPOSITORY", "RUN_ID")]
    if all(parts):
        server, repository, run = parts
        return f"{server}/{repository}/actions/runs/{run}"
    return environment.get("CI_JOB_URL", "")
