ALTER TABLE exports DROP COLUMN layout_written;
