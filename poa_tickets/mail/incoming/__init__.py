"""The mailbox that is read: fetching, the letters it is answered with, the alarm when it can't be read."""
