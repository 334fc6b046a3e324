"""`lumbung verify`: is what is stored what was written?"""
