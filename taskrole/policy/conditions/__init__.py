"""Condition operators, values and policy variables."""
