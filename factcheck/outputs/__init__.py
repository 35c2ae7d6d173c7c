"""What a report looks like: each module is one view of the same `models.Report`."""
