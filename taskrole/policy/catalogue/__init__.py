"""What is known of IAM itself: actions, resource types, condition keys, AWS managed policies."""
