-- A step of an export may take too long for the database: it is tried again later, a few times on end.
ALTER TABLE exports
    -- Such tries since the last step that was done.
    ADD COLUMN slow_tries smallint NOT NULL DEFAULT 0 CONSTRAINT exports_slow_tries_check CHECK (slow_tries >= 0),
    -- Nobody takes it before; NULL: at once.
    ADD COLUMN not_before timestamptz;
