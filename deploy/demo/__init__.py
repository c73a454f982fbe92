"""The demonstration: a county's households go the whole way, through the doors that everybody uses."""
