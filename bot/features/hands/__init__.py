"""What is done with a picture that hangs, besides painting another one."""
