"""The recurring mails: when and to whom, what each tells, and each reader's rhythm."""
