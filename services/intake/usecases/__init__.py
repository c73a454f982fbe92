"""What intake can do: take applications, take papers, take back an application or a consent."""
