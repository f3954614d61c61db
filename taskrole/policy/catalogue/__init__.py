"""Data about IAM itself: actions, resource types, condition keys and AWS managed policies."""
