"""What waited too long for a mail server: when notices are told together, and when a mail is no longer worth sending."""

from datetime import timedelta

# Older ones go in one mail for each person, however many there are.
TOLD_TOGETHER_AFTER = timedelta(days=3)
# A mail that was written when it was owed tells of that moment; what it carries ends, too.
WORTH_SENDING = timedelta(days=3)
LIFETIMES: dict[str, timedelta] = {
    "invitation": timedelta(days=7),
    "reset_instructions": timedelta(hours=2),
    "us_instructions": timedelta(minutes=30),
}
