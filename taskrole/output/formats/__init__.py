"""Findings in the formats of other programs: one renderer a format, for every verb that yields findings.

SARIF for code scanning, JUnit for test reports, GitLab's Code Quality, and Markdown for comments and job summaries.
"""
