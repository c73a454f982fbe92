"""How verification is kept: checks, households, arrivals, flags, reports. The only room that speaks SQL."""
