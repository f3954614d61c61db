"""Reading AWS accounts through boto3. Nothing in this package writes to AWS."""
