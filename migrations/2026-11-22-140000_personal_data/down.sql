DROP TABLE data_keys_version;
DROP TABLE data_keys;
DROP FUNCTION data_keys_changed();
DROP FUNCTION data_keys_keep();
DROP SEQUENCE data_keys_number_seq;
