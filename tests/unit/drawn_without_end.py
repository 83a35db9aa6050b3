"""Stands for a decoder that a file has caught in a circle: it ends as its time limit would end it."""

import os
import signal

os.kill(os.getpid(), signal.SIGXCPU)
