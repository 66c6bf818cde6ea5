-- Keys that seal personal data, one a month and class, each wrapped by a master key that lies outside the database:
-- what a key sealed is erased everywhere by destroying the key. Numbers below 1000 are master keys, which sealed rows
-- themselves before there were data keys, and still open them.
CREATE SEQUENCE data_keys_number_seq AS smallint START 1000 MINVALUE 1000;
CREATE TABLE data_keys (
    number smallint CONSTRAINT data_keys_pkey PRIMARY KEY
        CONSTRAINT data_keys_number_check CHECK (number >= 1000) DEFAULT nextval('data_keys_number_seq'),
    -- The first day of the month, of Vietnam, in which it seals.
    month date NOT NULL CONSTRAINT data_keys_month_check CHECK (extract(day FROM month) = 1),
    -- What it seals: domain::retention::KeyClass.
    class text NOT NULL CONSTRAINT data_keys_class_check CHECK (class ~ '^[a-z]+(:.+)?$'),
    wrapped_by smallint CONSTRAINT data_keys_wrapped_by_check CHECK (wrapped_by < 1000),
    wrapped bytea,
    made_at timestamptz NOT NULL,
    destroyed_at timestamptz,
    CONSTRAINT data_keys_destroyed_check CHECK ((destroyed_at IS NULL) = (wrapped IS NOT NULL)),
    CONSTRAINT data_keys_wrapped_check CHECK ((wrapped IS NULL) = (wrapped_by IS NULL)),
    CONSTRAINT data_keys_lasting_check CHECK (class <> 'lasting' OR destroyed_at IS NULL)
);
-- Whoever makes the key of a month second finds the first one's.
CREATE UNIQUE INDEX data_keys_living ON data_keys (month, class) WHERE destroyed_at IS NULL;

-- Grows with each key that is made or destroyed: each transaction asks for it together with the catalogue's number, so
-- that no process goes on with a key that was destroyed.
CREATE TABLE data_keys_version (
    only_row boolean CONSTRAINT data_keys_version_pkey PRIMARY KEY DEFAULT true
        CONSTRAINT data_keys_version_only_row_check CHECK (only_row),
    version bigint NOT NULL
);
INSERT INTO data_keys_version (version) VALUES (0);

CREATE FUNCTION data_keys_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE data_keys_version SET version = version + 1;
    RETURN NULL;
END $$;
CREATE TRIGGER data_keys_changed AFTER INSERT OR UPDATE OF destroyed_at ON data_keys
    FOR EACH STATEMENT EXECUTE FUNCTION data_keys_changed();

-- What is destroyed stays so, and no key changes its number, month or class.
CREATE FUNCTION data_keys_keep() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.destroyed_at IS NOT NULL
        OR (OLD.number, OLD.month, OLD.class, OLD.made_at) <> (NEW.number, NEW.month, NEW.class, NEW.made_at) THEN
        RAISE EXCEPTION 'data_keys: a key is wrapped anew or destroyed, nothing else';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER data_keys_keep BEFORE UPDATE ON data_keys FOR EACH ROW EXECUTE FUNCTION data_keys_keep();

GRANT SELECT ON data_keys_version TO motcua_service, motcua_worker, motcua_report, motcua_public;
GRANT SELECT ON data_keys TO motcua_service, motcua_worker;
GRANT INSERT (month, class, wrapped_by, wrapped, made_at), UPDATE (wrapped_by, wrapped, destroyed_at)
    ON data_keys TO motcua_worker;
GRANT UPDATE ON data_keys_version TO motcua_worker;
GRANT USAGE ON SEQUENCE data_keys_number_seq TO motcua_worker;
