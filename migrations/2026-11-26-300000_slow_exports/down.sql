ALTER TABLE exports DROP COLUMN slow_tries, DROP COLUMN not_before;
