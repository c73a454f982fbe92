"""How inquiries, cells, calls and evidence are kept. The only room that speaks SQL."""
