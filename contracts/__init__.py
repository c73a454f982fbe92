"""Every word two services share. Imports nothing else of ours; holds no rule and no secret."""
