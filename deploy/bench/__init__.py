"""What the platform costs and reaches on this machine: raw limits, the whole way, and the price of each addition."""
