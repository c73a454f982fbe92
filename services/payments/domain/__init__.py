"""What is true about money: how much, for whom, in which month, and whether three books agree."""
