"""Renders findings in the formats of other programs: one renderer per format, for every verb with findings.

SARIF for code scanning, JUnit for test reports, GitLab Code Quality, and Markdown for comments and job summaries.
"""
