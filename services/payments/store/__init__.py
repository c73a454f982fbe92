"""How payments keeps things: the only room that speaks SQL, and the one where payees are sealed."""
