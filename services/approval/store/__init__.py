"""How cases are kept. What people write or what names them is sealed; codes, dates and opaque ids stand in clear."""
