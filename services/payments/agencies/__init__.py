"""How the bank and the treasury are spoken to: what goes over the wire, and how an answer is read."""
