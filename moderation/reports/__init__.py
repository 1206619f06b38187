"""Reports (举报): what viewers and streamers tell of each other, until it becomes a case or does not."""
