"""Swift packages that compute the features of events as Python does, bit for bit."""
