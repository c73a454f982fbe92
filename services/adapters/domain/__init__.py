"""What is true about questions, answers and consent. No clock, no input or output."""
