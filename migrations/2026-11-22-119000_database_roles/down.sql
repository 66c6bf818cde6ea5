-- The roles belong to the whole cluster, and other databases of it may use them: they stay.
SELECT 1;
