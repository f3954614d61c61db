"""IAM policies: documents, their canonical text, their sizes, and AWS's managed ones."""
