DROP TABLE identity_reads;
