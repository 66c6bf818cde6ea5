-- Late ones are few, and lists of them go page by page through the newest first.
CREATE INDEX dossiers_late ON dossiers (registered_at, id) WHERE standing = 'late';
