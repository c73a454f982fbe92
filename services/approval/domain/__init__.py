"""What is true of cases, from the report to the certificate: pure, no clock, no I/O."""
