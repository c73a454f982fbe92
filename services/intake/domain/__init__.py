"""What is true of an application: pure rules on frozen facts; no clock, no input or output."""
