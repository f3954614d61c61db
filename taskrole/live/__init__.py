"""What needs an account: reading live roles through boto3. Nothing here ever writes to AWS."""
