-- How an end stands by the statutory term, where a shorter one is pledged: counted beside the other, never mixed with it.
ALTER TABLE dossiers ADD COLUMN standing_statutory text
    CONSTRAINT dossiers_standing_statutory_check CHECK (standing_statutory IN ('early', 'on_time', 'late'));

-- Ends of before, by the due dates that are stored with them; a term in hours is compared by the minute.
UPDATE dossiers SET standing_statutory = CASE
        WHEN ended > greatest(due, extended) THEN 'late'
        WHEN status IN ('withdrawn', 'stopped') OR ended >= due THEN 'on_time'
        ELSE 'early' END
FROM (
    SELECT id AS dossier, date_trunc(grain, ended_at AT TIME ZONE '+07:00') AS ended,
        date_trunc(grain, due_statutory AT TIME ZONE '+07:00') AS due,
        date_trunc(grain, due_at AT TIME ZONE '+07:00') AS extended
    FROM (
        SELECT *, CASE WHEN derivation -> 'statutory' ->> 'unit' = 'working_hour' THEN 'minute' ELSE 'day' END AS grain
        FROM dossiers WHERE due_statutory IS NOT NULL AND ended_at IS NOT NULL
    ) promised
) judged
WHERE id = dossier;
