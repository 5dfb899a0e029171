"""What people call the parts of things and their fields, in French and in English."""
