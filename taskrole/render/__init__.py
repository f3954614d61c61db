"""What people and programs read: tables, sentences and JSON made of roles and findings."""
