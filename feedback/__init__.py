"""What users say about the service: ratings, and texts that were read wrongly. Nothing here names a user."""
